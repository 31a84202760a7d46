/** What an event of a finding tells beside what its group does. In: attributes of the event. Out: contributions as shares, subject and details as names with values. */
import { visible } from "./evidence-words";
import { bytes, duration, fullCount, money } from "./format";

const PREFIX = "spyglass.finding.";
const LONGEST = 2000;
const SUBJECTS: Readonly<Record<string, string>> = {
  "gen_ai.agent.name": "agent",
  "gen_ai.agent.id": "agent id",
  "gen_ai.agent.version": "agent version",
  "spyglass.execution.id": "execution",
  "gen_ai.response.model": "model",
  "gen_ai.provider.name": "provider",
  "session.id": "session",
  "client.address": "source",
  "gen_ai.tool.name": "tool",
  "user.id": "user",
};

export interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface Feature {
  readonly name: string;
  readonly share: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Whom it is about: agent, tool, session …, as they were told. */
export function subjectOf(attributes: Attributes): readonly Fact[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    const name = SUBJECTS[key] ?? (key.startsWith(`${PREFIX}subject.`) ? key.slice(PREFIX.length + 8) : "");
    return name ? [{ name: visible(name), value: textOf(value) }] : [];
  });
}

/** What contributed to it, the largest share first. */
export function featuresOf(attributes: Attributes): readonly Feature[] {
  const told = attributes[`${PREFIX}features`];
  if (typeof told !== "object" || told === null || Array.isArray(told)) return [];
  return Object.entries(told)
    .flatMap(([name, share]) => (typeof share === "number" && Number.isFinite(share) ? [{ name: visible(name), share }] : []))
    .toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share));
}

/** What else the analyzer said of it. */
export function detailsOf(attributes: Attributes): readonly Fact[] {
  const start = `${PREFIX}details.`;
  return Object.entries(attributes).flatMap(([key, value]) => (key.startsWith(start) ? [detail(key.slice(start.length), value)] : []));
}

const UNITS: readonly (readonly [RegExp, string, (value: number) => string])[] = [
  [/_usd$/, "", money],
  [/_(seconds|s)$/, " time", (value) => duration(value * 1e9)],
  [/_ns$/, " time", duration],
  [/_bytes$/, "", bytes],
];

/** A figure in the unit that its name ends with. */
function detail(key: string, value: unknown): Fact {
  const found = typeof value === "number" ? UNITS.find(([end]) => end.test(key)) : undefined;
  if (!found || typeof value !== "number") return { name: visible(key.replaceAll("_", " ")), value: figure(value) };
  const [end, more, format] = found;
  return { name: visible(`${key.replace(end, "").replaceAll("_", " ")}${more}`), value: format(value) };
}

function figure(value: unknown): string {
  return Number.isSafeInteger(value) ? fullCount(value as number) : textOf(value);
}

export interface Measure {
  readonly observed: number | null;
  readonly expected: readonly [number, number] | null;
}

/** What was measured this time, against what was expected. */
export function measureOf(attributes: Attributes): Measure {
  const number = (name: string) => {
    const value = attributes[PREFIX + name];
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  const low = number("expected_low");
  const high = number("expected_high");
  return { observed: number("observed"), expected: low === null || high === null ? null : [low, high] };
}

function textOf(value: unknown): string {
  const text =
    Array.isArray(value) && value.every((one) => typeof one !== "object")
      ? value.join(", ")
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return visible((text ?? "").slice(0, LONGEST));
}
