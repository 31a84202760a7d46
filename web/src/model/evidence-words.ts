/** Evidence in words. In: what processes did, and with how much certainty it belongs to a span. Out: short text that is safe to show: nothing invisible is in it. */
import type { Action, EvidenceLink, Process } from "./evidence";
import { percent } from "./format";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };
const PLAIN = /^[\w@%+=:,./~^-]+$/;

/** Text in one line, in which control characters and those that turn the direction stand as `\n`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (one) => NAMED[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A command line as one would type it, in one line. */
export function commandOf(process: Process["told"]): string {
  const words = process.command_args.map((word) => visible(PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return words.join(" ") || visible(process.executable) || `process ${process.pid}`;
}

/** The name of the program alone. */
export function programOf(process: Process["told"]): string {
  const path = process.command_args[0] || process.executable;
  return visible(path.slice(path.lastIndexOf("/") + 1)) || `process ${process.pid}`;
}

const DID: Readonly<Record<string, string>> = {
  "process.exec": "started",
  "process.fork": "forked",
  "process.exit": "ended",
  "file.open": "opened",
  "file.read": "read",
  "file.write": "wrote",
  "file.delete": "deleted",
  "file.rename": "renamed",
  "file.mkdir": "made directory",
  "file.rmdir": "removed directory",
  "file.chmod": "changed mode",
  "file.truncate": "truncated",
  "file.link": "linked",
  "file.symlink": "linked",
  "net.connect": "connected",
  "net.accept": "accepted",
  "net.close": "closed",
  "net.listen": "listened",
  "dns.lookup": "looked up",
  "dns.query": "looked up",
};

/** `wrote`, `connected`; what is not known by its last word. */
export function didOf(name: string): string {
  return DID[name] ?? (name.slice(name.indexOf(".") + 1).replaceAll("_", " ") || name);
}

/** The whole of it in a line. */
export function actionText(action: Action): string {
  return `${didOf(action.name)} ${visible(action.what)}${action.error ? `, failed: ${visible(action.error)}` : ""}`.trim();
}

export function sureness(confidence: number): string {
  if (confidence >= 0.9) return "almost certain";
  return confidence >= 0.75 ? "likely" : "possible";
}

/** `97 % · the tool was told to run exactly this`. */
export function because(link: EvidenceLink | null): string {
  return link ? `${percent(link.confidence)} · ${visible(link.reason)}` : "no span accounts for it";
}

/** `exit 1`, `SIGKILL`, empty where it ended well or was not seen to end. */
export function failure(process: Process["told"]): string {
  if (process.exit_signal) return visible(process.exit_signal);
  return process.exit_code ? `exit ${process.exit_code}` : "";
}

/** How it ended, also where that is good or unknown. */
export function ending(process: Process["told"]): string {
  if (process.exit_code === 0 && !process.exit_signal) return "exit 0";
  return failure(process) || (process.end ? "ended" : "was not seen to end");
}
