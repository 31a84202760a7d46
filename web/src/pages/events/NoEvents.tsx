import { Button } from "@mantine/core";
import { useChangeShared, useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { rangeLabel } from "@/model/time-range";

/** Where no event is: why, and what to do. */
export function NoEvents({ query, onClear }: { readonly query: string; readonly onClear: () => void }) {
  const scope = useScope();
  const change = useChangeShared();
  return (
    <Empty
      title={query ? "No event matches" : "No events here"}
      action={
        <Button.Group>
          <Button variant="default" onClick={() => change.range({ from: "-30d", to: "now" })}>
            Look at 30 days
          </Button>
          {query ? <Button onClick={onClear}>Clear the search</Button> : <ButtonLink to="/start">Connect an agent</ButtonLink>}
        </Button.Group>
      }
    >
      Project {scope.project} got {query ? "nothing that matches" : "no log records or events"}, {rangeLabel(scope).toLowerCase()}.
    </Empty>
  );
}
