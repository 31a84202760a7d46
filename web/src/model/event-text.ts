/** What an event says in one line. */

const LONGEST = 400;

/** The body as text: itself where it is text, else its message, else as JSON; spaces and line ends are one space. */
export function eventLine(body: unknown, attributes: Readonly<Record<string, unknown>>): string {
  const text = said(body) ?? said(attributes["message"]) ?? said(attributes["exception.message"]) ?? evaluation(attributes) ?? "";
  return text.slice(0, LONGEST).replace(/\s+/g, " ").trim();
}

/** `helpfulness good 0.88: it answers what was asked`; null where it is no evaluation. */
function evaluation(attributes: Readonly<Record<string, unknown>>): string | null {
  const told = (name: string) => {
    const value = attributes[`gen_ai.evaluation.${name}`];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const judged = [told("name"), told("score.label"), told("score.value")].filter(Boolean).join(" ");
  return [judged, told("explanation")].filter(Boolean).join(": ") || null;
}

function said(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  const told = value as Readonly<Record<string, unknown>>;
  for (const name of ["message", "msg", "content", "text"]) if (typeof told[name] === "string") return told[name];
  return JSON.stringify(value);
}

/** Text that is JSON, as what it says; else the text itself. */
export function unfold(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
