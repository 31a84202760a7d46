/** What the address says of one trace: how it is looked at, and what is chosen. */
import { type RawSearch, readChoice, readNumber, readText } from "./search-state";
import type { Stretch } from "./waterfall";

export const VIEWS = ["transcript", "tree", "graph", "flame", "evidence", "raw"] as const;
export type TraceView = (typeof VIEWS)[number];

const FORMS = ["map", "list"] as const;
export type GraphForm = (typeof FORMS)[number];

export interface TraceSearch {
  /** Left out: the transcript where the trace has messages, else the tree. */
  readonly view?: TraceView | undefined;
  /** The chosen span, by id; every view shows the same one. */
  readonly span?: string | undefined;
  /** Inner spans of frameworks are shown, too. */
  readonly inner?: "1" | undefined;
  /** Width of the panel of the span, in pixels; left out: the usual one. */
  readonly panel?: number | undefined;
  /** `1200-3400`: the part of the time that is in sight, in ns after the begin; left out: all of it. */
  readonly zoom?: string | undefined;
  /** The graph has a node for each run of an agent, not one for all of its runs. */
  readonly graph?: "runs" | undefined;
  /** Left out: the graph is drawn, or a list where there is no room. */
  readonly form?: GraphForm | undefined;
}

/** Whether the view is, or may become, the transcript. */
export function tellsStory(view: TraceView | undefined): boolean {
  return view === undefined || view === "transcript";
}

export const PANEL_PX = { least: 320, usual: 460, most: 1600 } as const;

export function readTraceSearch(raw: RawSearch): TraceSearch {
  const view = readChoice(raw["view"], VIEWS);
  const span = readText(raw["span"])?.toLowerCase();
  const inner = readChoice(raw["inner"], ["1"]);
  const panel = readNumber(raw["panel"], PANEL_PX.least, PANEL_PX.most);
  const zoom = writeZoom(zoomOf(readText(raw["zoom"])));
  const graph = readChoice(raw["graph"], ["runs"]);
  const form = readChoice(raw["form"], FORMS);
  return {
    ...(view ? { view } : {}),
    ...(span && /^[0-9a-f]{16}$/.test(span) ? { span } : {}),
    ...(inner ? { inner } : {}),
    ...(panel && panel !== PANEL_PX.usual ? { panel } : {}),
    ...(zoom ? { zoom } : {}),
    ...(graph ? { graph } : {}),
    ...(form ? { form } : {}),
  };
}

/** Null: all of the time. */
export function zoomOf(text: string | undefined): Stretch | null {
  const [, from, to] = /^(\d{1,16})-(\d{1,16})$/.exec(text ?? "") ?? [];
  const found = { from: Number(from), to: Number(to) };
  return found.to > found.from ? found : null;
}

export function writeZoom(sight: Stretch | null): string | undefined {
  return sight ? `${Math.floor(sight.from)}-${Math.ceil(sight.to)}` : undefined;
}
