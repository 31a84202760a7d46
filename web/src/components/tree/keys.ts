/** The keys of trees and of what lies in time. */
import type { KeyBinding } from "@/app/keys";
import { panned, type Stretch, wholeOf, zoomed } from "@/model/waterfall";

interface Zoom {
  readonly group: string;
  readonly sight: Stretch;
  /** The last time that there is. */
  readonly end: number;
  /** What stays where it is, as a share of what is in sight. */
  readonly centre?: number;
  readonly onSight: (sight: Stretch) => void;
}

export function zoomKeys({ group, sight, end, centre = 0.5, onSight }: Zoom): readonly KeyBinding[] {
  return [
    { keys: "+", label: "Zoom in", group, run: () => onSight(zoomed(sight, 0.5, centre, end)) },
    { keys: "-", label: "Zoom out", group, run: () => onSight(zoomed(sight, 2, 0.5, end)) },
    { keys: "0", label: "Show all of the time", group, run: () => onSight(wholeOf(end)) },
    { keys: "<", label: "Earlier", group, run: () => onSight(panned(sight, -0.25, end)) },
    { keys: ">", label: "Later", group, run: () => onSight(panned(sight, 0.25, end)) },
  ];
}

interface Walk {
  readonly group: string;
  /** What a line is called. */
  readonly noun: string;
  /** So many lines on. */
  readonly go: (step: number) => void;
  readonly fold: (close: boolean) => void;
}

const PAGE = 20;

export function walkKeys({ group, noun, go, fold }: Walk): readonly KeyBinding[] {
  const next = { label: `Next ${noun}`, group, run: () => go(1) };
  const before = { label: `Back one ${noun}`, group, run: () => go(-1) };
  return [
    { keys: "j", ...next },
    { keys: "k", ...before },
    { keys: "ArrowDown", ...next },
    { keys: "ArrowUp", ...before },
    { keys: "PageDown", label: "A page on", group, run: () => go(PAGE) },
    { keys: "PageUp", label: "A page back", group, run: () => go(-PAGE) },
    { keys: "Home", label: `First ${noun}`, group, run: () => go(Number.NEGATIVE_INFINITY) },
    { keys: "End", label: `Last ${noun}`, group, run: () => go(Number.POSITIVE_INFINITY) },
    { keys: "ArrowLeft", label: "Fold, or go to what is above", group, run: () => fold(true) },
    { keys: "ArrowRight", label: "Unfold, or go to what is below", group, run: () => fold(false) },
  ];
}
