/** Which tools were used below a span: each with its calls, failures and time. An agent's tools are those of its own run, not those of agents below it. */
import type { TraceRows } from "./trace-rows";

export interface ToolUse {
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  /** Of all calls together, ns. */
  readonly took: number;
  /** Id of the first span. */
  readonly first: string;
}

const TOOLS = new Set(["tool", "mcp"]);

export function toolUses(trace: TraceRows, row: number): readonly ToolUse[] {
  const found = new Map<string, ToolUse>();
  if (row < 0) return [];
  const past = row + (trace.outline.descendants[row] ?? 0);
  for (let one = row; one <= past; one += 1) {
    const kind = trace.text(one, "kind");
    if (one > row && kind === "agent") one += trace.outline.descendants[one] ?? 0;
    if (!TOOLS.has(kind) || trace.is(one, "plumbing")) continue;
    const tool = trace.text(one, "tool") || trace.text(one, "name");
    const before = found.get(tool) ?? { tool, calls: 0, errors: 0, took: 0, first: trace.outline.span_id[one] ?? "" };
    found.set(tool, {
      ...before,
      calls: before.calls + 1,
      errors: before.errors + (trace.is(one, "error") ? 1 : 0),
      took: before.took + (trace.outline.duration_ns[one] ?? 0),
    });
    if (one > row) one += trace.outline.descendants[one] ?? 0; // a tool's own inner spans are the same use
  }
  return [...found.values()].sort((a, b) => b.calls - a.calls);
}
