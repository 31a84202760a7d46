/** A small piece of evidence for tests: an agent (h/1) that ran what it was told (h/2), and something that it was not (h/3). Times in seconds after `BEGIN`. */
import type { EvidenceAction, EvidenceAnswer, EvidenceCall, EvidenceLink, WatchedProcess } from "./evidence";

export const BEGIN = "2026-01-01T00:00:00Z";

export function at(seconds: number): string {
  return new Date(Date.parse(BEGIN) + seconds * 1000).toISOString();
}

export function link(span_id: string, confidence = 0.97): EvidenceLink {
  return { span_id, confidence, reason: "the tool was told to run exactly this" };
}

interface More {
  readonly pid?: number;
  readonly end?: number;
  readonly link?: EvidenceLink | null;
  readonly argv?: readonly string[];
  readonly code?: number | null;
}

export function process(id: string, parent: string | null, start: number, more: More = {}): WatchedProcess {
  return {
    id,
    parent,
    pid: more.pid ?? Number(id.split("/")[1]),
    host_id: "h",
    command_args: more.argv ?? ["agent"],
    executable: "/bin/agent",
    start: at(start),
    end: more.end === undefined ? null : at(more.end),
    exit_code: more.code ?? null,
    exit_signal: "",
    link: more.link ?? null,
  };
}

export function action(
  id: string,
  of: string,
  name: string,
  what: string,
  seconds: number,
  more: Partial<EvidenceAction> = {},
): EvidenceAction {
  const told = { error: "", target: "", read_bytes: 0, written_bytes: 0, link: null, unexplained: false };
  return { event_id: id, time: at(seconds), name, process: of, what, ...told, ...more };
}

export function call(id: string, seconds: number, more: Partial<EvidenceCall> = {}): EvidenceCall {
  const told = { trace_id: "w", duration_ns: 1e9, model: "m", server: "api.example", pid: 1, link: null };
  return { span_id: id, start: at(seconds), ...told, ...more };
}

export function answer(more: Partial<EvidenceAnswer> = {}): EvidenceAnswer {
  return {
    watches: [{ watch: "w1", first: at(-1), last: at(20), calls: true }],
    processes: [
      process("h/1", null, -1),
      process("h/2", "h/1", 2, { end: 3, link: link("tool"), argv: ["rm", "a.txt"], code: 1 }),
      process("h/3", "h/1", 5, { end: 6, argv: ["curl", "https://x"] }),
    ],
    actions: [
      action("e1", "h/1", "file.read", "/etc/agent", 0),
      action("e2", "h/2", "process.exec", "rm a.txt", 2, { link: link("tool") }),
      action("e3", "h/2", "file.delete", "/w/a.txt", 2.5, { link: link("tool", 0.9) }),
      action("e4", "h/3", "process.exec", "curl https://x", 5, { unexplained: true }),
      action("e5", "h/3", "net.connect", "x:443", 5.5, { unexplained: true }),
    ],
    calls: [call("c1", 1, { link: link("chat", 0.99) }), call("c2", 4)],
    unsupported: [{ span_id: "claim", name: "deploy", reason: "nothing of it was seen" }],
    unexplained: 2,
    truncated: false,
    ...more,
  };
}
