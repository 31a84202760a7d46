/**
 * What was seen on the machine in the time of a trace, ready to be drawn.
 * In: the answer of the API and the begin of the trace. Out: processes with what each did, every time in ns after the begin. Linear in the number of actions.
 */

import type { Sort } from "./evidence-search";

/** Why something belongs to a span. */
export interface EvidenceLink {
  readonly span_id: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly reason: string;
}

export interface WatchedProcess {
  readonly id: string;
  readonly parent: string | null;
  readonly pid: number;
  readonly host_id: string;
  readonly command_args: readonly string[];
  readonly executable: string;
  readonly start: string;
  readonly end: string | null;
  readonly exit_code: number | null;
  readonly exit_signal: string;
  readonly link: EvidenceLink | null;
}

export interface EvidenceAction {
  readonly event_id: string;
  readonly time: string;
  readonly name: string;
  readonly process: string;
  readonly what: string;
  /** The new name, or what a link points at. */
  readonly target: string;
  readonly error: string;
  readonly read_bytes: number;
  readonly written_bytes: number;
  readonly link: EvidenceLink | null;
  readonly unexplained: boolean;
}

export interface EvidenceCall {
  readonly trace_id: string;
  readonly span_id: string;
  readonly start: string;
  readonly duration_ns: number;
  readonly model: string;
  readonly server: string;
  readonly pid: number;
  readonly link: EvidenceLink | null;
}

export interface UnsupportedClaim {
  readonly span_id: string;
  readonly name: string;
  readonly reason: string;
}

export interface EvidenceWatch {
  readonly watch: string;
  readonly first: string;
  readonly last: string;
  readonly calls: boolean;
}

export interface EvidenceAnswer {
  readonly watches: readonly EvidenceWatch[];
  readonly processes: readonly WatchedProcess[];
  readonly actions: readonly EvidenceAction[];
  readonly calls: readonly EvidenceCall[];
  readonly unsupported: readonly UnsupportedClaim[];
  readonly unexplained: number;
  readonly truncated: boolean;
}

export { SORTS, type Sort } from "./evidence-search";

export interface Action extends EvidenceAction {
  readonly sort: Sort;
  readonly at: number;
}

export interface Call extends EvidenceCall {
  readonly at: number;
}

/** A process with all that is known of it; `end` in ns is null where it was not seen. */
export interface Process {
  readonly told: WatchedProcess;
  readonly at: number;
  readonly until: number | null;
  readonly actions: readonly Action[];
  readonly children: readonly Process[];
  readonly calls: readonly Call[];
  /** How many of its own actions nothing accounts for. */
  readonly unexplained: number;
}

export interface Evidence {
  readonly watches: readonly EvidenceWatch[];
  readonly processes: readonly Process[];
  readonly byId: ReadonlyMap<string, Process>;
  readonly actions: readonly Action[];
  readonly calls: readonly Call[];
  readonly unexplained: readonly Action[];
  /** Calls on the wire that no span tells of. */
  readonly untold: readonly Call[];
  readonly unsupported: readonly UnsupportedClaim[];
  readonly truncated: boolean;
}

interface Growing extends Process {
  readonly actions: Action[];
  readonly children: Growing[];
  readonly calls: Call[];
  unexplained: number;
}

export function readEvidence(answer: EvidenceAnswer, begin: string): Evidence {
  const after = nsAfter(begin);
  const byId = new Map<string, Growing>();
  for (const told of answer.processes) {
    const until = told.end === null ? null : after(told.end);
    byId.set(told.id, { told, at: after(told.start), until, actions: [], children: [], calls: [], unexplained: 0 });
  }
  for (const process of byId.values()) byId.get(process.told.parent ?? "")?.children.push(process);
  const actions = answer.actions.map((told): Action => ({ ...told, sort: sortOf(told.name), at: after(told.time) }));
  for (const action of actions) {
    const process = byId.get(action.process);
    process?.actions.push(action);
    if (process && action.unexplained) process.unexplained += 1;
  }
  const calls = answer.calls.map((told): Call => ({ ...told, at: after(told.start) }));
  const processes = [...byId.values()];
  for (const call of calls) callerOf(call, processes)?.calls.push(call);
  return {
    watches: answer.watches,
    processes,
    byId,
    actions,
    calls,
    unexplained: actions.filter((action) => action.unexplained),
    untold: calls.filter((call) => call.link === null),
    unsupported: answer.unsupported,
    truncated: answer.truncated,
  };
}

/** The process with that pid that lived then; pids are used again. */
function callerOf<T extends Process>(call: Call, processes: readonly T[]): T | undefined {
  if (!call.pid) return undefined;
  const named = processes.filter((process) => process.told.pid === call.pid);
  return named.findLast((process) => process.at <= call.at) ?? named[0];
}

/** The process and all below it, by id. */
export function familyOf(process: Process): ReadonlySet<string> {
  const found = new Set<string>();
  const work = [process];
  for (let next = work.pop(); next; next = work.pop()) {
    if (found.has(next.told.id)) continue;
    found.add(next.told.id);
    work.push(...next.children);
  }
  return found;
}

export function sortOf(name: string): Sort {
  const family = name.split(".", 1)[0];
  return family === "file" ? "file" : family === "process" ? "program" : "host";
}

/** Gives the ns from `begin` to a time; ISO text has nine digits, of which a date in JavaScript keeps three. */
export function nsAfter(begin: string): (iso: string) => number {
  const [second, rest] = parts(begin);
  return (iso) => {
    const [own, more] = parts(iso);
    return (own - second) * 1e9 + (more - rest);
  };
}

function parts(iso: string): readonly [second: number, ns: number] {
  const [, whole = iso, fraction = "", zone = ""] = /^([^.]*)(?:\.(\d+))?(Z|[+-].*)?$/.exec(iso) ?? [];
  const ms = Date.parse(whole.replace(/(Z|[+-]\d\d:?\d\d)$/, "") + (zone || /(Z|[+-]\d\d:?\d\d)$/.exec(whole)?.[0] || "Z"));
  return [Math.floor(ms / 1000), Number(fraction.slice(0, 9).padEnd(9, "0"))];
}

/** How many things a person should look at: in red what nothing accounts for, in amber what was claimed and not seen. */
export interface Concerns {
  readonly red: number;
  readonly amber: number;
}

export function concerns(counts: { readonly unexplained: number; readonly untold: number; readonly unsupported: number }): Concerns {
  return { red: counts.unexplained + counts.untold, amber: counts.unsupported };
}
