/** What agents are told to be. In: definitions of the API. Out: their keys for the address, their names, and their tools as text to compare. */
import { BUDGETS, type Budget, FIGURES, type Figure } from "./detected";
import { type RawSearch, readChoice, readText } from "./search-state";

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: unknown;
}

export interface Defined {
  readonly version: string;
  readonly prompt: string;
  readonly tools: readonly Tool[];
}

export interface AgentSearch {
  /** The definition that is shown; left out: the latest one. */
  readonly definition?: string | undefined;
  /** The one it is compared with. */
  readonly against?: string | undefined;
  /** Two versions whose difference is shown: `1..2`. */
  readonly diff?: string | undefined;
  /** What is told of its memory; left out: what it holds. */
  readonly memory?: "history" | undefined;
  /** The figure that is drawn within what is expected of it; left out: the one that was found to stand out. */
  readonly figure?: Figure | undefined;
  /** Of which calls; left out: of model calls. */
  readonly calls?: "tool" | undefined;
  /** False alarms a day that may be; left out: one. */
  readonly alarms?: Budget | undefined;
}

export function readAgentSearch(raw: RawSearch): AgentSearch {
  const definition = readText(raw["definition"], 40);
  const against = readText(raw["against"], 40);
  const diff = readText(raw["diff"], 40);
  const memory = readChoice(raw["memory"], ["history"]);
  const figure = readChoice(raw["figure"], FIGURES);
  const calls = readChoice(raw["calls"], ["tool"]);
  const alarms = readChoice(raw["alarms"], BUDGETS);
  return {
    ...(definition ? { definition } : {}),
    ...(against ? { against } : {}),
    ...(diff && versionsOf(diff) ? { diff } : {}),
    ...(memory ? { memory } : {}),
    ...(figure ? { figure } : {}),
    ...(calls ? { calls } : {}),
    ...(alarms && alarms !== "1" ? { alarms } : {}),
  };
}

/** The numbers of two versions in an address; null: it is not about two. */
export function versionsOf(diff: string | undefined): readonly [number, number] | null {
  const found = /^(\d{1,6})\.\.(\d{1,6})$/.exec(diff ?? "");
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/** Short, and the same for the same version and prompt, whatever came since. */
export function definitionKey({ version, prompt }: Defined): string {
  let hash = 5381;
  for (const letter of `${version}\n${prompt}`) hash = ((hash * 33) ^ (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash.toString(36);
}

/** Tools as text, a paragraph each: two of these can be compared. */
export function toolsText(tools: readonly Tool[]): string {
  return tools
    .map(({ name, description, parameters }) =>
      [name, description, parameters === null || parameters === undefined ? "" : JSON.stringify(parameters, null, 2)]
        .filter(Boolean)
        .join("\n"),
    )
    .join("\n\n");
}

/** In a few words, what two definitions differ in. */
export function differences(one: Defined, other: Defined): readonly string[] {
  return [
    one.version !== other.version ? "version" : "",
    one.prompt !== other.prompt ? "prompt" : "",
    toolsText(one.tools) !== toolsText(other.tools) ? "tools" : "",
  ].filter(Boolean);
}
