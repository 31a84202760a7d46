/** A text that somebody writes, read as a JSON object; or what is wrong with it. */
export interface ReadObject {
  readonly value: Readonly<Record<string, unknown>> | null;
  /** Empty: it is one. */
  readonly mistake: string;
}

export function readObject(text: string): ReadObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { value: null, mistake: `That is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const object = typeof value === "object" && value !== null && !Array.isArray(value);
  return object
    ? { value: value as Readonly<Record<string, unknown>>, mistake: "" }
    : { value: null, mistake: "It has to be an object: { … }" };
}
