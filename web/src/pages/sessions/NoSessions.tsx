import { Button } from "@mantine/core";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { rangeLabel } from "@/model/time-range";

/** Where no session is: why, and what to do. */
export function NoSessions({ query, onClear }: { readonly query: string; readonly onClear: () => void }) {
  const scope = useScope();
  const where = `Nothing in project ${scope.project}, ${rangeLabel(scope).toLowerCase()}.`;
  if (query)
    return (
      <Empty title="No session matches" action={<Button onClick={onClear}>Clear the search</Button>}>
        {where}
      </Empty>
    );
  return (
    <Empty title="No sessions here" action={<ButtonLink to="/start">Connect an agent</ButtonLink>}>
      {where} Spans belong to a session when they carry session.id, gen_ai.conversation.id or their framework's name for it.
    </Empty>
  );
}
