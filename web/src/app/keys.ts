/**
 * The one registry of key bindings. A page binds its own while it is on the screen (`useKeys`); `?` lists what is bound now.
 * A binding is one key (`r`, `?`, `Escape`), a sequence (`g t`), or a chord (`mod+k`; mod is Cmd on a Mac, else Ctrl). Where the focus is in a field only chords are heard.
 */
import { useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";

export interface KeyBinding {
  readonly keys: string;
  readonly label: string;
  readonly group: string;
  readonly run: () => void;
  /** Listed only: what has the focus hears it by itself. */
  readonly focused?: boolean;
}

interface Bound extends KeyBinding {
  /** Of every page: a page's own binding of the same keys wins, whichever was there first. */
  readonly shared: boolean;
}

const SEQUENCE_MS = 1200;
const CHOOSING = new Set(["radio", "checkbox", "button", "submit"]); // fields that take no letters
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta"]);
const bound = new Map<number, readonly Bound[]>(); // by place
const listeners = new Set<() => void>();
let list: readonly KeyBinding[] = [];
let lastPlace = 0;
let begun = "";
let begunAt = 0;

function change(): void {
  const all = inOrder();
  const works = all.filter((one) => (one.focused ? firstOf(all, one) : winner(all, one.keys)) === one);
  list = [...works.filter((one) => !one.shared), ...works.filter((one) => one.shared)];
  for (const listener of listeners) listener();
}

/** Many parts of one kind hear the same keys: they are listed once. */
function firstOf(all: readonly Bound[], one: Bound): Bound | undefined {
  return all.find((other) => other.focused && other.keys === one.keys && other.label === one.label && other.group === one.group);
}

/** Those that win stand last. */
function inOrder(): readonly Bound[] {
  return [...bound].sort(([one], [other]) => one - other).flatMap(([, some]) => some);
}

/**
 * Bind these while the component is there. Of the same keys the part within wins over what is around it, a part that came later over an
 * earlier one, and those of a page over those that are `shared` by all.
 */
export function useKeys(bindings: readonly KeyBinding[], shared = false): void {
  const [place] = useState(() => {
    lastPlace += 1; // what is around renders before what is within; effects run the other way round
    return lastPlace;
  });
  const latest = useRef(bindings);
  const shape = bindings.map((one) => `${one.keys}\n${one.label}\n${one.group}`).join("\n\n");
  useLayoutEffect(() => {
    latest.current = bindings; // of what is on the screen, never of a rendering that is not yet
  });
  // As soon as a page is seen its keys are heard: an effect could wait behind a key that was pressed then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: bound again only when what is listed changes; `run` is always the latest
  useLayoutEffect(() => {
    bound.set(
      place,
      latest.current.map((one, at) => ({ ...one, shared, run: () => latest.current[at]?.run() })),
    );
    change();
    return () => {
      bound.delete(place);
      change();
    };
  }, [place, shape, shared]);
}

/** List keys that a part hears by itself while it has the focus. */
export function useFocusedKeys(group: string, labels: Readonly<Record<string, string>>): void {
  useKeys(Object.entries(labels).map(([keys, label]) => ({ keys, label, group, focused: true, run: () => undefined })));
}

/** What a press would do now: of the page first, then of all pages. */
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

function winner(all: readonly Bound[], keys: string): Bound | undefined {
  const same = all.filter((one) => one.keys === keys && !one.focused);
  return same.findLast((one) => !one.shared) ?? same.at(-1);
}

function match(event: KeyboardEvent): KeyBinding | undefined {
  const heard = inOrder();
  const third = event.getModifierState("AltGraph"); // on many keyboards it takes this key to write a bracket or a backslash
  if ((event.ctrlKey || event.metaKey) && !third) return winner(heard, `mod+${event.key.toLowerCase()}`);
  if (MODIFIERS.has(event.key)) return undefined; // a sequence goes on behind them
  if ((event.altKey && !third) || isTyping(event.target) || document.querySelector('[role="dialog"]')) return undefined;
  const now = event.timeStamp; // when the key was pressed: a busy page may hear of it later
  const pair = begun && now - begunAt < SEQUENCE_MS ? winner(heard, `${begun} ${event.key}`) : undefined;
  begun = pair ? "" : event.key; // what ended a sequence begins none
  begunAt = now;
  return pair ?? winner(heard, event.key);
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
    PageUp: "Page ↑",
    PageDown: "Page ↓",
  };
  return keys.split(/[ +]/).map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
