/** What is chosen among evidence, and what there is to tell of it. In: evidence and the text in the address. Out: the thing itself; null where there is none such. */
import type { Action, Call, Evidence, EvidenceLink, Process } from "./evidence";
import { filesOf, type Group, hostsOf } from "./evidence-groups";

export type Item =
  | { readonly type: "process"; readonly process: Process }
  | { readonly type: "action"; readonly action: Action; readonly process: Process | undefined }
  | { readonly type: "call"; readonly call: Call; readonly process: Process | undefined }
  | { readonly type: "file" | "host"; readonly group: Group };

export function itemOf(evidence: Evidence, item: string | undefined): Item | null {
  const id = item?.slice(2) ?? "";
  switch (item?.slice(0, 2)) {
    case "p:": {
      const process = evidence.byId.get(id);
      return process ? { type: "process", process } : null;
    }
    case "a:": {
      const action = evidence.actions.find((one) => one.event_id === id);
      return action ? { type: "action", action, process: evidence.byId.get(action.process) } : null;
    }
    case "c:": {
      const call = evidence.calls.find((one) => one.span_id === id);
      return call ? { type: "call", call, process: evidence.processes.find((one) => one.calls.includes(call)) } : null;
    }
    case "f:":
      return groupOf("file", filesOf(evidence.actions), id);
    case "h:":
      return groupOf("host", hostsOf(evidence.actions), id);
    default:
      return null;
  }
}

function groupOf(type: "file" | "host", groups: readonly Group[], key: string): Item | null {
  const group = groups.find((one) => one.key === key);
  return group ? { type, group } : null;
}

export interface Cause {
  readonly spanId: string;
  /** The surest of the links to it. */
  readonly link: EvidenceLink;
  /** Actions of the process that belong to it. */
  readonly actions: number;
}

/** The spans that a process and what it did belong to: that which started it first, then by number of actions. */
export function causesOf(process: Process): readonly Cause[] {
  const own = process.told.link;
  const found = new Map<string, Cause>(own ? [[own.span_id, { spanId: own.span_id, link: own, actions: 0 }]] : []);
  for (const { link } of process.actions) {
    if (!link) continue;
    const before = found.get(link.span_id);
    const surest = before && before.link.confidence >= link.confidence ? before.link : link;
    found.set(link.span_id, { spanId: link.span_id, link: surest, actions: (before?.actions ?? 0) + 1 });
  }
  return [...found.values()].sort(
    (one, other) => Number(other.spanId === own?.span_id) - Number(one.spanId === own?.span_id) || other.actions - one.actions,
  );
}
