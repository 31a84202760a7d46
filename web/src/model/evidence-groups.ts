/** Files by path and hosts by name. In: actions. Out: one entry for each, with what was done, how often, by whom and with how many bytes; the noteworthy ones first. */
import type { Action } from "./evidence";
import { didOf } from "./evidence-words";

export interface Group {
  /** The path, or the host without its port. */
  readonly key: string;
  /** What was done and how often, in the order in which it began: `wrote` → 3. */
  readonly did: ReadonlyMap<string, number>;
  readonly ports: ReadonlySet<string>;
  readonly processes: ReadonlySet<string>;
  readonly spans: ReadonlySet<string>;
  readonly actions: readonly Action[];
  readonly read: number;
  readonly written: number;
  readonly unexplained: number;
  readonly failed: number;
}

interface Growing extends Group {
  readonly did: Map<string, number>;
  readonly ports: Set<string>;
  readonly processes: Set<string>;
  readonly spans: Set<string>;
  readonly actions: Action[];
  read: number;
  written: number;
  unexplained: number;
  failed: number;
}

const ARROW = " → ";
const MOVED: ReadonlySet<string> = new Set(["file.rename", "file.link", "file.symlink"]);

/** Each path with what was done to it; one that was renamed stands under both names. */
export function filesOf(actions: readonly Action[]): readonly Group[] {
  const found = new Map<string, Growing>();
  for (const action of actions) {
    if (action.sort !== "file") continue;
    if (!MOVED.has(action.name) || !action.target) {
      add(found, action.what, didOf(action.name), action);
      continue;
    }
    const did = didOf(action.name);
    add(found, action.what.slice(0, -(ARROW.length + action.target.length)), did, action);
    add(found, action.target, did === "renamed" ? "renamed to this" : "made as a link", action);
  }
  return ordered(found);
}

/** Each host with what was sent there and came from there. */
export function hostsOf(actions: readonly Action[]): readonly Group[] {
  const found = new Map<string, Growing>();
  for (const action of actions) {
    if (action.sort !== "host") continue;
    const [host, port] = action.name.startsWith("net.") ? splitPort(action.what) : [action.what, ""];
    const group = add(found, host, didOf(action.name), action);
    if (port) group.ports.add(port);
  }
  return ordered(found);
}

/** `::1:443` → `::1` and `443`. */
export function splitPort(peer: string): readonly [host: string, port: string] {
  const [, host, port] = /^(.+):(\d{1,5})$/s.exec(peer) ?? [];
  return host && port ? [host, port] : [peer, ""];
}

function add(found: Map<string, Growing>, key: string, did: string, action: Action): Growing {
  let group = found.get(key);
  if (!group) {
    const sets = { did: new Map<string, number>(), ports: new Set<string>(), processes: new Set<string>(), spans: new Set<string>() };
    group = { key, ...sets, actions: [], read: 0, written: 0, unexplained: 0, failed: 0 };
    found.set(key, group);
  }
  group.did.set(did, (group.did.get(did) ?? 0) + 1);
  group.processes.add(action.process);
  if (action.link) group.spans.add(action.link.span_id);
  group.actions.push(action);
  group.read += action.read_bytes;
  group.written += action.written_bytes;
  if (action.unexplained) group.unexplained += 1;
  if (action.error) group.failed += 1;
  return group;
}

/** What nothing accounts for comes first, else in the order in which it began. */
function ordered(found: ReadonlyMap<string, Growing>): readonly Group[] {
  const all = [...found.values()];
  return [...all.filter((one) => one.unexplained), ...all.filter((one) => !one.unexplained)];
}

/** `wrote 3×, deleted`. */
export function didText(group: Group): string {
  return [...group.did].map(([did, times]) => (times > 1 ? `${did} ${times}×` : did)).join(", ");
}
