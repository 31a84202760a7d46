/**
 * The one registry of key bindings. A page binds its own while it is on the screen (`useKeys`); `?` lists what is bound now.
 * A binding is one key (`r`, `?`, `Escape`), a sequence (`g t`), or a chord (`mod+k`; mod is Cmd on a Mac, else Ctrl). Where the focus is in a field only chords are heard.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface KeyBinding {
  readonly keys: string;
  readonly label: string;
  readonly group: string;
  readonly run: () => void;
  /** Heard, but not listed. */
  readonly silent?: boolean;
}

const SEQUENCE_MS = 1200;
const CHOOSING = new Set(["radio", "checkbox", "button", "submit"]); // fields that take no letters
const bound = new Map<number, KeyBinding>();
const listeners = new Set<() => void>();
let list: readonly KeyBinding[] = [];
let nextId = 0;
let begun = "";
let begunAt = 0;

function change(): void {
  list = [...bound.values()];
  for (const listener of listeners) listener();
}

/** Bind these while the component is there. Later ones win over earlier ones with the same keys. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map((one) => `${one.keys}\n${one.label}\n${one.group}`).join("\n\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: bound again only when what is listed changes; `run` is always the latest
  useEffect(() => {
    const ids = latest.current.map((one, at) => {
      nextId += 1;
      bound.set(nextId, { ...one, run: () => latest.current[at]?.run() });
      return nextId;
    });
    change();
    return () => {
      for (const id of ids) bound.delete(id);
      change();
    };
  }, [shape]);
}

/** What is bound now, in the order in which it was. */
export function useKeyList(): readonly KeyBinding[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => list,
  );
}

/** Hear keys of the whole page; gives what ends it. */
export function listenToKeys(): () => void {
  const hear = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const found = match(event);
    if (found) {
      event.preventDefault();
      found.run();
    }
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}

function match(event: KeyboardEvent): KeyBinding | undefined {
  const chord = event.ctrlKey || event.metaKey;
  const bindings = [...bound.values()].reverse();
  if (chord) return bindings.find((one) => one.keys === `mod+${event.key.toLowerCase()}`);
  if (event.altKey || isTyping(event.target) || document.querySelector('[role="dialog"]')) return undefined;
  const now = event.timeStamp; // when the key was pressed: a busy page may hear of it later
  const pair = now - begunAt < SEQUENCE_MS ? `${begun} ${event.key}` : "";
  begun = event.key;
  begunAt = now;
  return bindings.find((one) => pair !== "" && one.keys === pair) ?? bindings.find((one) => one.keys === event.key);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    (target instanceof HTMLInputElement && !CHOOSING.has(target.type)) ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}

/** `⌘K` or `Ctrl K`, as this machine's keyboard has it; a sequence as its keys. */
export function keyParts(keys: string): readonly string[] {
  const mac = /mac|iphone|ipad/i.test(navigator.userAgent);
  const names: Readonly<Record<string, string>> = {
    mod: mac ? "⌘" : "Ctrl",
    Escape: "Esc",
    Enter: "↵",
    ArrowUp: "↑",
    ArrowDown: "↓",
    ArrowLeft: "←",
    ArrowRight: "→",
  };
  return keys.split(/[ +]/).map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
