/** The life of one process on a time axis of its own, beside the spans that it belongs to. In: the process, its causes. Out: the stretch, and a lane for each thing that has one. */
import type { Call, Process } from "./evidence";
import type { Cause } from "./evidence-item";
import type { TraceRows } from "./trace-rows";
import type { Stretch } from "./waterfall";

export type Lane =
  | { readonly type: "span"; readonly id: string; readonly cause: Cause; readonly name: string; readonly at: number; readonly took: number }
  | { readonly type: "process"; readonly id: string; readonly process: Process; readonly own: boolean }
  | { readonly type: "call"; readonly id: string; readonly call: Call };

export interface Life {
  readonly sight: Stretch;
  readonly lanes: readonly Lane[];
  /** Lanes that are left out. */
  readonly hidden: number;
}

const MOST = { spans: 20, children: 60, calls: 60 } as const;
const LEAST_NS = 1000;

export function lifeOf(process: Process, causes: readonly Cause[], trace: TraceRows): Life {
  const spans = causes.flatMap((cause): Lane[] => {
    const row = trace.rowOf(cause.spanId);
    if (row < 0) return [];
    const { start_ns, duration_ns } = trace.outline;
    const name = trace.text(row, "name");
    return [{ type: "span", id: `s:${cause.spanId}`, cause, name, at: start_ns[row] ?? 0, took: duration_ns[row] ?? 0 }];
  });
  const children = process.children.map((child): Lane => ({ type: "process", id: `p:${child.told.id}`, process: child, own: false }));
  const calls = process.calls.map((call): Lane => ({ type: "call", id: `c:${call.span_id}`, call }));
  const lanes: Lane[] = [
    ...spans.slice(0, MOST.spans),
    { type: "process", id: `p:${process.told.id}`, process, own: true },
    ...children.slice(0, MOST.children),
    ...calls.slice(0, MOST.calls),
  ];
  return { sight: sightOf(process), lanes, hidden: 1 + spans.length + children.length + calls.length - lanes.length };
}

/** From its begin to its end; where that was not seen, to the last that was seen of it; with a little room on both sides. */
function sightOf(process: Process): Stretch {
  let last = process.until ?? process.at;
  for (const action of process.actions) last = Math.max(last, action.at);
  for (const call of process.calls) last = Math.max(last, call.at + call.duration_ns);
  for (const child of process.children) last = Math.max(last, child.until ?? child.at);
  const room = Math.max((last - process.at) * 0.03, LEAST_NS);
  return { from: process.at - room, to: last + room };
}
