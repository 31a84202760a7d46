/** Runs of agents that go on now. In: executions of the API that go on. Out: one line for each that none of the others is above. */
import { parseTime } from "./format";

export interface Run {
  readonly id: string;
  readonly parent_id: string;
  readonly agent: string;
  readonly name: string;
  readonly start: string;
  readonly status: string;
}

export interface Running<R extends Run> {
  /** The one above all; its figures hold those of the others. */
  readonly run: R;
  /** Its agent, and those below it that run, too. */
  readonly agents: readonly string[];
  /** Those that stalled, it or below it. */
  readonly stalled: number;
}

/** The runs that go on, oldest first. */
export function runningOf<R extends Run>(runs: readonly R[]): readonly Running<R>[] {
  const known = new Map(runs.map((run) => [run.id, run]));
  const groups = new Map<R, R[]>();
  for (const run of runs.toSorted((a, b) => parseTime(a.start) - parseTime(b.start))) {
    const top = topOf(run, known);
    groups.set(top, [...(groups.get(top) ?? []), run]);
  }
  return [...groups]
    .map(([run, all]) => ({
      run,
      agents: [...new Set([run, ...all].map((one) => one.agent || one.name || one.id))],
      stalled: all.filter((one) => one.status === "stalled").length,
    }))
    .sort((a, b) => parseTime(a.run.start) - parseTime(b.run.start));
}

function topOf<R extends Run>(run: R, known: ReadonlyMap<string, R>): R {
  let top = run;
  for (const seen = new Set<string>(); !seen.has(top.id); ) {
    seen.add(top.id); // whoever tells nonsense is above itself
    top = known.get(top.parent_id) ?? top;
  }
  return top;
}
