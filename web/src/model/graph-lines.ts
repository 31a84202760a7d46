/** The lines of a drawn graph: how one looks, how much room its words take, and its way as a path with round corners. All in pixels. */
import type { GraphEdge } from "./agent-graph";
import { callsText } from "./graph-list";
import type { Size, Spot } from "./graph-window";

export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Stands on it; empty: nothing does. */
  readonly label: string;
  readonly colour: string;
  readonly width: number;
  readonly dashed: boolean;
}

const LETTER_PX = 6.4; // of 11 pixels, with figures of one width
const LABEL = { height: 18, margin: 10 };
const CORNER_PX = 8;

/** A line of calls: thicker where there are more, and red where some failed. */
export function callLine(edge: GraphEdge): Line {
  const colour = edge.errors ? "var(--status-error)" : "var(--text-quiet)";
  return { id: edge.id, from: edge.from, to: edge.to, label: callsText(edge), colour, width: callWidth(edge), dashed: false };
}

export function callWidth({ calls }: Pick<GraphEdge, "calls">): number {
  return 1 + Math.min(2, Math.log10(Math.max(1, calls)) / 2);
}

/** Nothing needs to be drawn to know it: words are placed with the nodes, so that none lies on another one. */
export function labelSize(label: string): Size {
  return { width: Math.ceil(label.length * LETTER_PX) + LABEL.margin, height: LABEL.height };
}

/** An SVG path through points. */
export function roundedPath(points: readonly Spot[]): string {
  const [first, ...others] = points;
  if (!first) return "";
  const parts = others.map((point, at) => {
    const before = points[at] as Spot;
    const next = others[at + 1];
    if (!next) return `L${point.x} ${point.y}`;
    const turn = Math.min(CORNER_PX, distance(before, point) / 2, distance(point, next) / 2);
    const [begin, end] = [towards(point, before, turn), towards(point, next, turn)];
    return `L${begin.x} ${begin.y}Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M${first.x} ${first.y}${parts.join("")}`;
}

function distance(one: Spot, other: Spot): number {
  return Math.hypot(other.x - one.x, other.y - one.y);
}

function towards(from: Spot, to: Spot, length: number): Spot {
  const whole = distance(from, to);
  const share = whole ? length / whole : 0;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
