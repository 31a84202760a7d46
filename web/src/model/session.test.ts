import { describe, expect, it } from "vitest";
import { sessionQuery, turnAgain, turnOf } from "./session";
import type { StoryMessage } from "./transcript";

const said = (span_id: string, role: string, direction: string, ...parts: unknown[]) =>
  ({ span_id, role, direction, body: JSON.stringify({ role, parts }), text: "" }) as unknown as StoryMessage;
const text = (content: string) => ({ type: "text", content });
const call = (name: string) => ({ type: "tool_call", id: "1", name, arguments: {} });

describe("a turn of a session", () => {
  it("is the last that a user said in the first call, and the first answer without a call", () => {
    const turn = turnOf(
      [
        said("a", "user", "input", text("before")),
        said("a", "user", "input", text("now?")),
        said("a", "assistant", "output", text("Let me look."), call("look")),
        said("b", "user", "input", text("asked of another agent")),
        said("c", "assistant", "output", text("Yes, now.")),
      ],
      "",
      "",
    );
    expect(turn.asked).toMatchObject([{ type: "text", text: "now?" }]);
    expect(turn.answered).toMatchObject([{ type: "text", text: "Yes, now." }]);
    expect(turn.tools).toEqual(["look"]);
  });

  it("is what went in and came out where there are no messages", () => {
    expect(turnOf([], "in", "")).toEqual({ asked: [{ type: "text", text: "in" }], answered: [], tools: [], messages: 0 });
  });

  it("whose words were all said before is read from its first call and its last", () => {
    const first = [
      said("a", "user", "input", text("go on?")),
      said("a", "assistant", "input", text("one")),
      said("a", "user", "input", text("yes")),
    ];
    const last = [said("b", "user", "input", text("other")), said("b", "assistant", "output", text("Done."), call("log"))];
    expect(turnAgain(first, last).asked).toMatchObject([{ type: "text", text: "yes" }]);
    expect(turnAgain(first, last).answered).toEqual([{ type: "text", text: "Done." }]);
    expect(turnAgain([], [])).toEqual({ asked: [], answered: [] });
  });

  it("is asked for within the life of the session, whatever its id", () => {
    const asked = sessionQuery('a "b"', "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z");
    expect(asked.query).toMatch(/^session:".*"$/);
    expect([asked.from, asked.to]).toEqual(["2026-01-01T00:00:00Z", "2026-01-01T00:00:11.000Z"]);
  });
});
