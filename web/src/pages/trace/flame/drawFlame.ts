/** Draws the lanes in sight. Spans narrower than a pixel share it: 100,000 of them are as quick as the pixels are few. */
import { kindOf } from "@/model/colours";
import type { Flame } from "@/model/flame";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";

export const LANE_PX = 22;
const BAR_PX = 20;
const LEAST_LABEL_PX = 34;

export interface Picture {
  readonly trace: TraceRows;
  readonly flame: Flame;
  readonly sight: Stretch;
  /** How far it is scrolled, and how large what is in sight is, in CSS pixels. */
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly selected: number;
  readonly hovered: number;
  readonly found: ReadonlySet<number>;
}

export function drawFlame(canvas: HTMLCanvasElement, picture: Picture): void {
  const { width, height, top, flame } = picture;
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const on = canvas.getContext("2d");
  if (!on) return;
  on.setTransform(ratio, 0, 0, ratio, 0, 0);
  on.clearRect(0, 0, width, height);
  on.font = '12px "Inter Variable", system-ui, sans-serif';
  on.textBaseline = "middle";
  const colour = coloursOf(canvas);
  const first = Math.max(0, Math.floor(top / LANE_PX));
  const last = Math.min(flame.lanes - 1, Math.ceil((top + height) / LANE_PX));
  for (let lane = first; lane <= last; lane++) drawLane(on, picture, lane, lane * LANE_PX - top, colour);
}

function drawLane(on: CanvasRenderingContext2D, picture: Picture, lane: number, y: number, colour: (name: string) => string): void {
  const { trace, flame, sight, width, selected, hovered, found } = picture;
  const scale = width / (sight.to - sight.from);
  let painted = -1; // up to where the lane is painted
  for (const row of flame.byLane[lane] ?? []) {
    const start = ((trace.outline.start_ns[row] ?? 0) - sight.from) * scale;
    if (start > width) break;
    const end = start + (trace.outline.duration_ns[row] ?? 0) * scale;
    if (end < 0) continue;
    const marked = row === selected || row === hovered;
    if (!marked && end < painted && end - start < 1) continue;
    const left = Math.max(start, 0);
    const wide = Math.max(Math.min(end, width) - left - 0.5, 1);
    painted = Math.max(painted, Math.floor(left) + 1);
    const wrong = trace.is(row, "error");
    const hue = colour(wrong ? "--status-error" : `--kind-${kindOf(trace.text(row, "kind"))}`);
    on.globalAlpha = row === hovered ? 0.5 : found.size && !found.has(row) ? 0.1 : trace.is(row, "critical") || wrong ? 0.34 : 0.2;
    on.fillStyle = hue;
    on.fillRect(left, y, wide, BAR_PX);
    on.globalAlpha = 1;
    if (wide > 3) on.fillRect(left, y, 2, BAR_PX);
    if (row === selected) {
      on.strokeStyle = colour("--accent");
      on.lineWidth = 2;
      on.strokeRect(left + 1, y + 1, Math.max(wide - 2, 1), BAR_PX - 2);
    }
    if (wide > LEAST_LABEL_PX) write(on, trace.text(row, "name"), left + 7, y + BAR_PX / 2 + 0.5, wide - 11, colour("--text-strong"));
  }
}

function write(on: CanvasRenderingContext2D, text: string, x: number, y: number, room: number, colour: string): void {
  const fits = Math.floor(room / 6.2); // most letters are narrower: measuring each of them is what would take the time
  on.fillStyle = colour;
  on.fillText(text.length <= fits ? text : `${text.slice(0, Math.max(fits - 1, 1))}…`, x, y);
}

/** CSS variables, each looked up once per picture. */
function coloursOf(element: HTMLElement): (name: string) => string {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name) ?? style.getPropertyValue(name);
    known.set(name, found);
    return found;
  };
}
