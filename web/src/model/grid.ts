/** Panels on a grid of twelve columns: moved and resized without ever lying upon each other. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export const COLUMNS = 12;
const LEAST = { w: 2, h: 2 };
const MOST_H = 20;
const LAST_Y = 1000;

/** All places after the one at `at` went to `wanted`: kept on the grid, and those below pushed down as far as needed. */
export function put<P extends Place>(panels: readonly P[], at: number, wanted: Partial<Place>): readonly P[] {
  const before = panels[at];
  if (!before) return panels;
  const w = clamp(wanted.w ?? before.w, LEAST.w, COLUMNS);
  const h = clamp(wanted.h ?? before.h, LEAST.h, MOST_H);
  const moved = { ...before, w, h, x: clamp(wanted.x ?? before.x, 0, COLUMNS - w), y: clamp(wanted.y ?? before.y, 0, LAST_Y) };
  const placed: { at: number; panel: P }[] = [{ at, panel: moved }];
  const others = panels.map((panel, place) => ({ at: place, panel })).filter((one) => one.at !== at);
  for (const one of others.toSorted((a, b) => a.panel.y - b.panel.y || a.panel.x - b.panel.x)) {
    let { panel } = one;
    for (let hit = hitBy(panel, placed); hit; hit = hitBy(panel, placed)) panel = { ...panel, y: hit.y + hit.h };
    placed.push({ at: one.at, panel });
  }
  return placed.toSorted((a, b) => a.at - b.at).map((one) => one.panel);
}

/** The first row below everything. */
export function below(panels: readonly Place[]): number {
  return panels.reduce((most, panel) => Math.max(most, panel.y + panel.h), 0);
}

function hitBy(panel: Place, placed: readonly { readonly panel: Place }[]): Place | undefined {
  return placed.find(
    ({ panel: other }) =>
      panel.x < other.x + other.w && other.x < panel.x + panel.w && panel.y < other.y + other.h && other.y < panel.y + panel.h,
  )?.panel;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
