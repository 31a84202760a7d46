/** Runs of agents that go on now, one for each trace. In: executions, totals and latest spans of the API. Out: lines, those that stalled marked. */
import { parseTime } from "./format";

export interface Run {
  readonly id: string;
  readonly trace_id: string;
  readonly agent: string;
  readonly name: string;
  readonly start: string;
  readonly status: string;
  readonly session_id: string;
}

export interface Step {
  readonly trace_id: string;
  readonly name: string;
  readonly kind: string;
  readonly start: string;
  readonly duration_ns: number;
  readonly pending: boolean;
}

export interface Spend {
  readonly trace_id: string;
  readonly cost_usd: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly errors: number;
}

export interface Running {
  readonly id: string;
  readonly traceId: string;
  readonly agents: readonly string[];
  readonly startMs: number;
  readonly last: Step | null;
  /** When anything was last heard of it. */
  readonly heardMs: number;
  readonly spend: Spend | null;
}

export const STALLED_MS = 60_000;

const GOING: ReadonlySet<string> = new Set(["created", "running", "waiting", "stalled"]);

/** Whether a run has not ended, and was not given up. */
export function goesOn(run: Pick<Run, "status">): boolean {
  return GOING.has(run.status);
}

/** The runs that go on, oldest first. */
export function runningOf(runs: readonly Run[], steps: readonly Step[], spends: readonly Spend[]): readonly Running[] {
  const going = runs.filter(goesOn);
  const groups = new Map<string, Run[]>();
  for (const run of going) groups.set(run.trace_id || run.id, [...(groups.get(run.trace_id || run.id) ?? []), run]);
  return [...groups.values()]
    .map((group) => {
      const sorted = group.toSorted((a, b) => parseTime(a.start) - parseTime(b.start));
      const first = sorted[0] as Run; // a group has at least one
      const own = steps.filter((step) => step.trace_id === first.trace_id);
      const last = own.reduce<Step | null>(
        (best, step) => (best === null || parseTime(step.start) > parseTime(best.start) ? step : best),
        null,
      );
      return {
        id: first.id,
        traceId: first.trace_id,
        agents: [...new Set(sorted.map((run) => run.agent || run.name || run.id))],
        startMs: parseTime(first.start),
        last,
        heardMs: Math.max(
          parseTime(first.start),
          ...own.map((step) => parseTime(step.start) + (step.pending ? 0 : step.duration_ns / 1e6)),
        ),
        spend: spends.find((spend) => spend.trace_id === first.trace_id) ?? null,
      };
    })
    .sort((a, b) => a.startMs - b.startMs);
}

/** Whether nothing was heard of it for a while. */
export function isStalled(run: Pick<Running, "heardMs">, nowMs: number): boolean {
  return nowMs - run.heardMs > STALLED_MS;
}
