import { Button } from "@mantine/core";
import { useChangeShared, useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { rangeLabel } from "@/model/time-range";

/** Where no trace is: why, and what to do. */
export function NoTraces({ query, onClear }: { readonly query: string; readonly onClear: () => void }) {
  const scope = useScope();
  const change = useChangeShared();
  const range = rangeLabel(scope).toLowerCase();
  const longer = (
    <Button variant="default" onClick={() => change.range({ from: "-30d", to: "now" })}>
      Look at 30 days
    </Button>
  );
  if (query) {
    return (
      <Empty
        title="No trace matches"
        action={
          <Button.Group>
            {longer}
            <Button onClick={onClear}>Clear the search</Button>
          </Button.Group>
        }
      >
        Nothing in project {scope.project}, {range}.
      </Empty>
    );
  }
  return (
    <Empty
      title="No traces here"
      action={
        <Button.Group>
          {longer}
          <ButtonLink to="/start">Connect an agent</ButtonLink>
        </Button.Group>
      }
    >
      Project {scope.project} got nothing, {range}.
    </Empty>
  );
}
