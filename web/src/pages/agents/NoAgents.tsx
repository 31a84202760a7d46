import { Button } from "@mantine/core";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { rangeLabel } from "@/model/time-range";

/** Where no agent is: why, and what to do. */
export function NoAgents({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  const scope = useScope();
  const range = rangeLabel(scope).toLowerCase();
  if (filtered)
    return (
      <Empty title="No agent matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        Nothing in project {scope.project}, {range}.
      </Empty>
    );
  return (
    <Empty title="No agents here" action={<ButtonLink to="/start">Connect an agent</ButtonLink>}>
      No span in project {scope.project} names an agent, and none registered, {range}.
    </Empty>
  );
}
