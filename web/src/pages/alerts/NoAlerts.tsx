import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";

interface Props {
  /** Some were asked for. */
  readonly narrowed: boolean;
  /** There are rules. */
  readonly ruled: boolean;
}

/** In place of a list without alerts: why it is empty, and what to do next. */
export function NoAlerts({ narrowed, ruled }: Props) {
  return (
    <Empty
      title={narrowed ? "No alert matches" : "Nothing fires"}
      action={
        !ruled ? (
          <ButtonLink to="/alerts/rule">Make a rule</ButtonLink>
        ) : narrowed ? (
          <ButtonLink to="/alerts" search={(({ by }: { by?: string }) => (by ? { by } : {})) as never}>
            All that go on
          </ButtonLink>
        ) : null
      }
    >
      {ruled
        ? "What is over is below resolved."
        : "There is no rule yet. A rule says when somebody has to know: a figure that passes a bound, something that stops, a finding."}
    </Empty>
  );
}
