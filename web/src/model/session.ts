/** A session read as a conversation: in: the messages first said in one of its traces. Out: the turn: what was asked, and what was answered. */
import { parseTime } from "./format";
import { type Part, partsOf } from "./message";
import { quoteValue } from "./search-edit";
import type { StoryMessage } from "./transcript";

export interface Turn {
  readonly asked: readonly Part[];
  readonly answered: readonly Part[];
  /** Tools that were asked for, by name, in order. */
  readonly tools: readonly string[];
  readonly messages: number;
}

type CallWords = Pick<StoryMessage, "role" | "direction" | "body" | "text">;

/** How the traces of a session are asked for: by its id, within its life. */
export function sessionQuery(
  id: string,
  start: string,
  end: string,
): { readonly query: string; readonly from: string; readonly to: string } {
  const to = new Date(parseTime(end) + 1000).toISOString();
  return { query: `session:${quoteValue(id)}`, from: start, to };
}

/** The turn that a trace is: the first that a user said, and the answer of the outermost who gave one (it began first, so it is told first). */
export function turnOf(messages: readonly StoryMessage[], input: string, output: string): Turn {
  const read = messages.map((message) => ({ message, parts: partsOf(message.body, message.text) }));
  const user = read.filter((one) => one.message.role === "user" && one.message.direction !== "output");
  const asked = user.length ? (user.findLast((one) => one.message.span_id === user[0]?.message.span_id)?.parts ?? []) : [];
  const answers = read.filter((one) => one.message.direction === "output" && one.parts.some((part) => part.type === "text"));
  const final = answers.find((one) => !one.parts.some((part) => part.type === "call")) ?? answers.at(-1);
  const tools = read.flatMap((one) => one.parts.flatMap((part) => (part.type === "call" ? [part.name] : [])));
  return {
    asked: asked.length ? asked : textPart(input),
    answered: final ? final.parts.filter((part) => part.type === "text" || part.type === "media") : textPart(output),
    tools,
    messages: messages.length,
  };
}

/** What was asked and answered in words that the session had heard before ("yes", "continue"): such are kept where they were said first, and so no trace after it begins with them. In: all that its first call was told, and its last. */
export function turnAgain(first: readonly CallWords[], last: readonly CallWords[]): Pick<Turn, "asked" | "answered"> {
  const user = first.findLast((one) => one.role === "user" && one.direction !== "output");
  const asked = user ? partsOf(user.body, user.text) : [];
  const answer = last.filter((one) => one.direction === "output").flatMap((one) => partsOf(one.body, one.text));
  return { asked, answered: answer.filter((part) => part.type === "text" || part.type === "media") };
}

function textPart(text: string): readonly Part[] {
  return text ? [{ type: "text", text }] : [];
}
