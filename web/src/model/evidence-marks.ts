/** What a process did, as small marks on its bar. In: its actions, the part of the time in sight. Out: where marks stand, at most one per sort and place; what is near the pointer. */
import type { Action, Sort } from "./evidence";
import type { Stretch } from "./waterfall";

export const PLACES = 480; // more would lie on each other on any screen

export interface Marks {
  /** Paths of an SVG that is `PLACES` wide and 12 high. */
  readonly files: string;
  readonly hosts: string;
  readonly unexplained: string;
}

const TOP = { files: [7, 11], hosts: [1, 5], unexplained: [0, 12] } as const;

export function marksOf(actions: readonly Action[], sight: Stretch, sorts: ReadonlySet<Sort>): Marks {
  const found = { files: new Set<number>(), hosts: new Set<number>(), unexplained: new Set<number>() };
  const span = sight.to - sight.from;
  for (const action of actions) {
    if (!sorts.has(action.sort) || (action.sort === "program" && !action.unexplained)) continue;
    const share = (action.at - sight.from) / span;
    if (share < 0 || share > 1) continue;
    const lane = action.unexplained ? "unexplained" : action.sort === "file" ? "files" : "hosts";
    found[lane].add(Math.round(share * PLACES));
  }
  return {
    files: path(found.files, TOP.files),
    hosts: path(found.hosts, TOP.hosts),
    unexplained: path(found.unexplained, TOP.unexplained),
  };
}

function path(places: ReadonlySet<number>, [from, to]: readonly [number, number]): string {
  return [...places].map((at) => `M${at} ${from}V${to}`).join("");
}

/** The marked actions within a hundredth of the width around a share of it; nearest first, at most `most`. */
export function actionsNear(
  actions: readonly Action[],
  sight: Stretch,
  sorts: ReadonlySet<Sort>,
  share: number,
  most = 6,
): readonly Action[] {
  const span = sight.to - sight.from;
  const at = sight.from + span * share;
  const far = (action: Action) => Math.abs(action.at - at);
  return actions
    .filter((action) => sorts.has(action.sort) && (action.sort !== "program" || action.unexplained) && far(action) <= span * 0.01)
    .sort((one, other) => far(one) - far(other))
    .slice(0, most);
}
