/** What a step was given and gave, as texts that can be compared. */
export interface StepTexts {
  readonly Model: string;
  readonly Failure: string;
  readonly "System prompt": string;
  readonly Conversation: string;
  readonly Input: string;
  readonly Output: string;
}

interface Step {
  readonly model: string;
  readonly status_message: string;
  readonly input: string;
  readonly output: string;
}

interface Said {
  readonly direction: string;
  readonly role: string;
  readonly text: string;
}

/** Null: the step that is not there. */
export function textsOf(step: Step | null, messages: readonly Said[]): StepTexts {
  const told = (wanted: (one: Said) => boolean) => messages.filter(wanted);
  const lines = (list: readonly Said[]) => list.map((one) => `${one.role}: ${one.text}`).join("\n\n");
  const output = told((one) => one.direction === "output");
  return {
    Model: step?.model ?? "",
    Failure: step?.status_message ?? "",
    "System prompt": told((one) => one.role === "system" && one.direction !== "output")
      .map((one) => one.text)
      .join("\n\n"),
    Conversation: lines(told((one) => one.role !== "system" && one.direction !== "output")),
    Input: pretty(step?.input ?? ""),
    Output: output.length ? output.map((one) => one.text).join("\n\n") : pretty(step?.output ?? ""),
  };
}

/** JSON with a line for each field, so that one changed field is one changed line. */
function pretty(text: string): string {
  try {
    return typeof text === "string" && /^\s*[[{]/.test(text) ? JSON.stringify(JSON.parse(text), null, 2) : text;
  } catch {
    return text;
  }
}
