import { describe, expect, it } from "vitest";
import { lacksOpening, type StoryMessage, type StorySpan, stepFrom, storyOf, unfolded, withOpening } from "./transcript";

let row = 0;
function span(id: string, kind: string, more: Partial<StorySpan> = {}): StorySpan {
  const told = {
    span_id: id,
    kind,
    name: `${kind} ${id}`,
    status: "unset",
    error_type: "",
    start: String(row).padStart(4, "0"),
    duration_ns: 1,
    agent: "",
  };
  const rest = {
    model: "",
    tool: "",
    tool_call_id: "",
    plumbing: false,
    pending: false,
    parent_row: -1,
    descendants: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_usd: 0,
  };
  return { ...told, ...rest, inputs: 1, outputs: 1, row: row++, ...more };
}

function said(spanId: string, direction: string, role: string, parts: readonly object[], position = 0): StoryMessage {
  const body = JSON.stringify({ role, parts });
  return { hash: `${spanId}${direction}${position}`, span_id: spanId, direction, position, role, text: "", body };
}

const text = (content: string) => ({ type: "text", content });
const call = (id: string, name = "search") => ({ type: "tool_call", id, name, arguments: { q: 1 } });
const answer = (id: string) => ({ type: "tool_call_response", id, response: "found" });

function run() {
  row = 0;
  const spans = [
    span("a", "agent", { agent: "lead", descendants: 4 }),
    span("m1", "llm", { parent_row: 0, input_tokens: 5, cost_usd: 1 }),
    span("t", "tool", { parent_row: 0, tool: "search", descendants: 1 }),
    span("b", "agent", { agent: "helper", parent_row: 2 }),
    span("m2", "llm", { parent_row: 0, input_tokens: 7 }),
  ];
  const messages = [
    said("a", "output", "assistant", [text("done\n")]),
    said("m1", "input", "user", [text("please")]),
    said("m1", "output", "assistant", [text("I look"), call("c1")]),
    said("m2", "input", "tool", [answer("c1")], 3),
  ];
  return { spans, messages };
}

describe("a story", () => {
  it("tells a call once that the framework and its client both tell, unless the outer one adds something", () => {
    row = 0;
    const outer = span("o", "llm", { descendants: 2 });
    const inner = [span("h", "chain", { parent_row: 0, descendants: 1 }), span("i", "llm", { parent_row: 1 })];
    const asked = [said("i", "input", "user", [text("please")]), said("i", "output", "assistant", [text("here")])];
    const calls = (spans: readonly StorySpan[], messages: readonly StoryMessage[]) =>
      storyOf(spans, messages).rows.flatMap((one) => (one.type === "call" ? [one.spanId] : []));
    expect(calls([outer, ...inner], asked)).toEqual(["i"]);
    expect(calls([outer, ...inner], [...asked, said("o", "output", "assistant", [text("more")])])).toEqual(["o", "i"]);
    expect(calls([{ ...outer, status: "error" }, ...inner], asked)).toEqual(["o", "i"]);
    expect(calls([outer, ...inner], [])).toEqual(["i"]);
    const used = [span("t", "tool", { parent_row: 0, descendants: 1 }), span("i", "llm", { parent_row: 1 })].map((one, at) => ({
      ...one,
      row: at + 1,
    }));
    expect(calls([{ ...outer, row: 0 }, ...used], asked)).toEqual(["o", "i"]); // a tool of the call asked a model of its own
  });

  it("tells an answer once, though it goes in again without what the model thought", () => {
    row = 0;
    const spans = [span("m1", "llm"), span("t", "tool", { tool: "search", tool_call_id: "c1" }), span("m2", "llm"), span("m3", "llm")];
    const thought = { type: "reasoning", content: "hm" };
    const story = storyOf(spans, [
      said("m1", "output", "assistant", [thought, text("I look"), call("c1"), call("c2", "lost")]),
      said("m2", "input", "assistant", [text("I look"), call("c1"), call("c2", "lost")]),
      said("m2", "input", "tool", [answer("c1")], 1),
      said("m2", "output", "assistant", [text("found")]),
      said("m3", "input", "assistant", [text("of another run"), call("c9", "other")]),
    ]);
    const tools = story.rows.flatMap((one) => (one.type === "tool" ? [one.call?.id] : []));
    expect(tools.toSorted()).toEqual(["c1", "c2", "c9"]);
    const words = story.rows.flatMap((one) =>
      one.type === "said" ? one.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])) : [],
    );
    expect(words).toEqual(["I look", "found", "of another run"]);
  });

  it.each([
    ["handoff to Billing Agent", "", "transfer_to_billing_agent"],
    ["Handoff: triage → Billing Agent", "", "transfer_to_billing_agent"],
    ["execute_tool transfer_to_agent", "transfer_to_agent", "transfer_to_agent"],
  ])("tells a hand-over once, with the call that made it: %s", (name, tool, asked) => {
    row = 0;
    const spans = [span("m1", "llm"), span("h", "chain", { name, tool, status: "error" }), span("m2", "llm")];
    const story = storyOf(spans, [
      said("m1", "output", "assistant", [call("c0", "transfer_to_sales"), call("c1", asked)]),
      said("m2", "input", "tool", [answer("c1")]),
    ]);
    const found = story.rows.filter((one) => one.type === "tool" || one.type === "step");
    expect(found.map((one) => [one.type, one.spanId, one.type === "tool" && one.call?.id])).toEqual([
      ["tool", "m1", "c0"],
      ["tool", "h", "c1"],
    ]);
    expect(found.at(-1)).toMatchObject({ span: spans[1], result: { value: "found" } });
  });

  it("pairs a tool with its request by id, whatever the order in which they began", () => {
    row = 0;
    const spans = [
      span("m", "llm"),
      span("late", "tool", { tool: "search", tool_call_id: "c2" }),
      span("early", "tool", { tool: "search", tool_call_id: "c1" }),
      span("alone", "tool", { tool: "search", tool_call_id: "c3" }),
      span("n", "llm"),
    ];
    const messages = [
      said("m", "output", "assistant", [call("c1"), call("c2")]),
      said("n", "input", "tool", [answer("c2"), answer("c1"), { ...answer("c3"), response: "third" }]),
    ];
    const tools = storyOf(spans, messages).rows.flatMap((one) => (one.type === "tool" ? [one] : []));
    expect(tools.map((one) => [one.spanId, one.call?.id, one.result?.id])).toEqual([
      ["late", "c2", "c2"],
      ["early", "c1", "c1"],
      ["alone", undefined, "c3"],
    ]);
  });

  it("puts a tool's request and result into one row with its span, and the answer last", () => {
    const { spans, messages } = run();
    const { rows } = storyOf(spans, messages);
    expect(rows.map((one) => one.type)).toEqual(["agent", "call", "said", "said", "tool", "agent", "call", "said"]);
    const tool = rows.find((one) => one.type === "tool");
    expect(tool?.type === "tool" && [tool.span?.span_id, tool.call?.id, tool.result?.value]).toEqual(["t", "c1", "found"]);
    expect(rows.at(-1)).toMatchObject({ type: "said", spanId: "a", final: true });
  });

  it("indents inner agents and sums what they took", () => {
    const { spans, messages } = run();
    const agents = storyOf(spans, messages).rows.filter((one) => one.type === "agent");
    expect(agents.map((one) => one.depth)).toEqual([0, 1]);
  });

  it("says an agent's answer once", () => {
    const { spans, messages } = run();
    const { rows } = storyOf(spans, [...messages, said("m2", "output", "assistant", [text("done")])]);
    expect(rows.filter((one) => one.type === "said" && one.role === "assistant").length).toBe(2);
  });

  it("keeps a request without a span, and its result", () => {
    row = 0;
    const spans = [span("m1", "llm"), span("m2", "llm")];
    const { rows } = storyOf(spans, [said("m1", "output", "assistant", [call("c")]), said("m2", "input", "tool", [answer("c")])]);
    expect(rows.map((one) => one.type)).toEqual(["call", "tool", "call"]);
    expect(rows[1]).toMatchObject({ span: null, result: { value: "found" } });
  });

  it("shows the steps where nothing is said", () => {
    row = 0;
    const { rows, spoken } = storyOf([span("a", "chain"), span("b", "span", { plumbing: true })], []);
    expect([spoken, rows.map((one) => one.type)]).toEqual([false, ["step"]]);
  });

  it("never loses a message, whoever said it", () => {
    const { rows } = storyOf(
      [],
      [said("gone", "input", "user", [text("hello")]), { ...said("x", "input", "user", []), body: "{broken", text: "plain" }],
    );
    expect(rows.map((one) => one.type === "said" && one.parts)).toEqual([
      [{ type: "text", text: "hello" }],
      [{ type: "text", text: "plain" }],
    ]);
  });

  it("folds agents, and walks by steps", () => {
    const { spans, messages } = run();
    const { rows } = storyOf(spans, messages);
    expect(unfolded(rows, spans, new Set(["a"])).map((one) => one.type)).toEqual(["agent"]);
    expect([stepFrom(rows, -1, 1), stepFrom(rows, 4, 1), stepFrom(rows, 2, -1)]).toEqual([2, 7, 2]);
  });

  it("begins with the question, also where it was asked before", () => {
    const { spans, messages } = run();
    const story = storyOf(spans, messages.slice(2));
    expect(lacksOpening(story)).toBe(true);
    expect(lacksOpening(withOpening(story, "m1", []))).toBe(false);
  });
});
