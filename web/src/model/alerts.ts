/** Alerts in words: how they stand, and what silences them. */
import { visible } from "./evidence-words";
import { ago } from "./format";

interface Told {
  readonly state: "pending" | "firing" | "resolved";
  readonly owner: string;
  readonly snoozed_until: string | null;
  readonly snoozed_version: string;
}

export interface Standing {
  readonly state: "ok" | "warning" | "error" | "unset" | "pending";
  readonly words: string;
}

/** Who has it says more than that it fires. */
export function alertStanding({ state, owner, snoozed_until, snoozed_version }: Told): Standing {
  if (state === "resolved") return { state: "ok", words: "resolved" };
  if (snoozed_until || snoozed_version) return { state: "unset", words: `snoozed by ${visible(owner)}` };
  if (owner) return { state: "pending", words: `${visible(owner)} has it` };
  return state === "firing" ? { state: "error", words: "firing" } : { state: "warning", words: "pending" };
}

interface ToldCause {
  readonly state: Told["state"];
  readonly open: number;
  readonly owned: number;
  readonly alerts: readonly Pick<Told, "state" | "owner">[];
}

/** All that goes on of a cause: who has it counts only when nothing is left that nobody has. */
export function causeStanding({ state, open, owned, alerts }: ToldCause): Standing {
  if (state === "resolved") return { state: "ok", words: "resolved" };
  const owners = [...new Set(alerts.filter((one) => one.state !== "resolved" && one.owner).map((one) => visible(one.owner)))];
  if (owned === open)
    return { state: "pending", words: owners.length > 1 ? `${owners.join(", ")} have it` : `${owners[0] ?? "somebody"} has it` };
  const taken = owned ? `, ${owned} of ${open} taken` : "";
  return state === "firing" ? { state: "error", words: `firing${taken}` } : { state: "warning", words: `pending${taken}` };
}

/** `planner, coder, critic and 3 more`; empty: no agent is named. */
export function affectedWords(names: readonly string[], all: number): string {
  const shown = names.slice(0, 3).map((name) => visible(name));
  return all > shown.length ? `${shown.join(", ")} and ${all - shown.length} more` : shown.join(", ");
}

/** Matchers that hold for an alert and its like: its rule, and what its group is about. A star in a value would stand for any text. */
export function matchersOf(rule: string, labels: Readonly<Record<string, string>>): readonly string[] {
  const own = Object.entries(labels).filter(
    ([name, value]) => !["project", "severity", "rule"].includes(name) && value && !/[*\n]/.test(value),
  );
  return [`rule=${rule}`, ...own.map(([name, value]) => `${name}=${value}`)];
}

/** Matchers from lines. */
export function matcherLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);
}

/** Whether a link may be followed: only what begins with http or https. */
export function isWebLink(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** `ends in 2 h`, `begins in 5 min`, `over`. */
export function silenceWords(starts: string, ends: string, active: boolean, nowMs: number): string {
  const until = (iso: string) => ago(new Date(2 * nowMs - Date.parse(iso)).toISOString(), nowMs).replace(" ago", "");
  if (active) return `ends in ${until(ends)}`;
  return Date.parse(starts) > nowMs ? `begins in ${until(starts)}` : "over";
}

export const NAME_HINT = "Small letters, digits, dots, dashes; it begins with a letter or a digit.";

/** Whether a channel, or a part of the routing, can be called so. As alert/rules.py has it. */
export function isName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text);
}
