import { describe, expect, it } from "vitest";
import { textsOf } from "./step-texts";

const STEP = { model: "m", status_message: "", input: '{"a":1}', output: "plain" };

describe("the texts of a step", () => {
  it("are those of its messages, the system prompt apart", () => {
    const said = [
      { direction: "input", role: "system", text: "Be kind." },
      { direction: "input", role: "user", text: "Hello" },
      { direction: "output", role: "assistant", text: "Hi" },
    ];
    const texts = textsOf(STEP, said);
    expect(texts["System prompt"]).toBe("Be kind.");
    expect(texts.Conversation).toBe("user: Hello");
    expect(texts.Output).toBe("Hi");
  });

  it("are what went in and came out where there are no messages, JSON a line for each field", () => {
    expect(textsOf(STEP, [])).toMatchObject({ Input: '{\n  "a": 1\n}', Output: "plain", Conversation: "" });
    expect(textsOf({ ...STEP, input: "{broken" }, []).Input).toBe("{broken");
  });

  it("are empty for a step that is not there", () => {
    expect(Object.values(textsOf(null, [])).join("")).toBe("");
  });
});
