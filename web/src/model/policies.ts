/** Policies that act on alerts: what they do, in words, and what their forms are made of. */
import { visible } from "./evidence-words";
import type { Schema } from "./schema-form";

interface Told {
  readonly acts: boolean;
  readonly problem: string;
  readonly policy: { readonly enabled?: boolean; readonly mode?: "dry_run" | "live" } | null;
}

interface Standing {
  readonly state: "ok" | "warning" | "error" | "unset" | "pending";
  readonly words: string;
}

/** Whether it acts, and if not, why. */
export function policyStanding({ acts, problem, policy }: Told): Standing {
  if (problem || !policy) return { state: "error", words: visible(problem) || "it cannot be read" };
  if (!policy.enabled) return { state: "unset", words: "off" };
  if (acts) return { state: "ok", words: "live" };
  return policy.mode === "live" ? { state: "warning", words: "live, but not allowed" } : { state: "pending", words: "dry run" };
}

type ActionState = "dry_run" | "limited" | "waiting" | "doing" | "done" | "failed" | "unknown" | "undone";
const ACTION_STATES: Readonly<Record<ActionState, Standing>> = {
  dry_run: { state: "unset", words: "dry run" },
  limited: { state: "warning", words: "limited" },
  waiting: { state: "pending", words: "waiting" },
  doing: { state: "pending", words: "being done" },
  done: { state: "ok", words: "done" },
  failed: { state: "error", words: "failed" },
  unknown: { state: "warning", words: "unknown" },
  undone: { state: "unset", words: "taken back" },
};

export function actionStanding(state: ActionState): Standing {
  return ACTION_STATES[state];
}

/** Whether the server may take it back: what waits, and what was done; a runner that was restarted runs. */
export function canUndo({ state, kind }: { readonly state: string; readonly kind: string }): boolean {
  return state === "waiting" || (state === "done" && kind !== "restart_runner");
}

const WORK: Readonly<Record<string, string>> = {
  webhook: "calls a webhook",
  open_issue: "opens an issue",
  stop_run: "stops the run",
  restart_runner: "restarts a runner",
};

export function workWords(kind: string): string {
  return WORK[kind] ?? kind.replaceAll("_", " ");
}

/** `calls a webhook: hook`. */
export function actionWords(action: Readonly<Record<string, unknown>>): string {
  const what = action["channel"] ?? action["runner"];
  return `${workWords(String(action["kind"]))}${what ? `: ${visible(String(what))}` : ""}`;
}

export interface Work {
  readonly kind: string;
  readonly about: string;
  readonly schema: Schema;
}

/** What a policy can do, by the API's description: kinds, each with the schema of its settings. */
export function worksOf(schemas: Readonly<Record<string, Schema>>): readonly Work[] {
  const action = (schemas["Policy"]?.["properties"] as Readonly<Record<string, Schema>> | undefined)?.["action"];
  const mapping = (action?.["discriminator"] as Schema | undefined)?.["mapping"] as Readonly<Record<string, string>> | undefined;
  return Object.entries(mapping ?? {}).map(([kind, ref]) => {
    const schema = schemas[ref.slice(ref.lastIndexOf("/") + 1)] ?? {};
    return { kind, about: String(schema["description"] ?? ""), schema };
  });
}
