/** What agents waste. In: items of the API. Out: shares, words, and which runs go round in circles now. */
import { visible } from "./evidence-words";
import { count, money, percent, plural } from "./format";

interface Use {
  readonly calls: number;
  readonly errors: number;
  readonly comparable: number;
  readonly repeated: number;
  readonly judged: number;
  readonly unread: number;
  readonly found: readonly { readonly rule: string }[];
}

/** Something of it came to nothing, or was found. */
export function isWasteful(use: Use): boolean {
  return use.found.length > 0 || use.errors > 0 || use.repeated > 0 || use.unread > 0;
}

/** `12%` of those that were looked at; null: none were, so that nothing is known. */
export function shareOf(part: number, of: number): string | null {
  return of > 0 ? percent(part / of) : null;
}

interface Loop {
  readonly rule: string;
  readonly running: boolean;
  readonly rounds: number;
  readonly calls: readonly string[];
  readonly run_calls: number;
  readonly run_tokens: number;
  readonly spent_usd: number;
  readonly spent_since_usd: number;
  readonly cost_usd: number | null;
}

const RULES: Readonly<Record<string, string>> = { loop: "Loop", polling: "Polling", retries: "Retry storm" };

export function loopWord({ rule }: Pick<Loop, "rule">): string {
  return RULES[rule] ?? visible(rule);
}

/** `query_database, read again and again`: what it does in one round. */
export function roundWords({ calls }: Pick<Loop, "calls">): string {
  const shown = calls.slice(0, 4).map((one) => visible(one).slice(0, 60));
  return shown.length ? `${shown.join(" → ")}${calls.length > 4 ? " …" : ""}` : "not told";
}

/** What the run has spent until now; what it did where nothing is known of money. */
export function spentWords({ cost_usd, spent_usd, run_tokens, run_calls }: Loop): string {
  const usd = Math.max(cost_usd ?? 0, spent_usd);
  if (usd > 0) return money(usd);
  return run_tokens ? `${count(run_tokens)} tokens` : plural(run_calls, "call");
}

/** Those that go on first, then as they were told. */
export function loopsInOrder<L extends Pick<Loop, "running">>(loops: readonly L[]): readonly L[] {
  return [...loops.filter((one) => one.running), ...loops.filter((one) => !one.running)];
}

/** `2 go on now, 1.20 USD spent in circles`: of all together. */
export function loopsNote(loops: readonly Loop[]): string {
  if (!loops.length) return "";
  const now = loops.filter((one) => one.running).length;
  const since = loops.reduce((sum, one) => sum + one.spent_since_usd, 0);
  return [now ? `${count(now)} now` : "none now", since > 0 ? `${money(since)} spent since their second round` : ""]
    .filter(Boolean)
    .join(", ");
}
