/** What the address says of the list of traces. */
import { type RawSearch, readChoice, readChoices, readText } from "./search-state";

export const ORDERS = ["start", "name", "duration", "spans", "calls", "tools", "tokens", "cost", "errors"] as const;
export type Order = (typeof ORDERS)[number];
export type Direction = "asc" | "desc";

export const COLUMNS = [
  "start",
  "name",
  "agent",
  "status",
  "duration",
  "spans",
  "calls",
  "tools",
  "tokens",
  "cost",
  "errors",
  "model",
  "service",
  "session",
  "user",
] as const;
export type ColumnId = (typeof COLUMNS)[number];

export const DEFAULT_COLUMNS: readonly ColumnId[] = ["start", "name", "agent", "status", "duration", "calls", "tokens", "cost", "errors"];

export interface TracesSearch {
  readonly query?: string | undefined;
  readonly sort?: Order | undefined;
  /** Left out: names from A, all else latest or largest first. */
  readonly order?: Direction | undefined;
  /** Comma-separated, in their order; left out: the usual ones. */
  readonly columns?: string | undefined;
  /** `name:320,agent:90`, pixels; left out: the usual ones. */
  readonly widths?: string | undefined;
  /** `off`: no facets beside the list. */
  readonly facets?: "off" | undefined;
  /** What a chart of the spans that match shows; left out: no chart. */
  readonly chart?: Measure | undefined;
  /** What the chart is split by. */
  readonly by?: Split | undefined;
}

export const MEASURES = ["count", "errors", "p95", "cost", "tokens"] as const;
export type Measure = (typeof MEASURES)[number];
export const SPLITS = ["agent", "model", "tool", "service", "kind", "status", "environment", "error_type"] as const;
export type Split = (typeof SPLITS)[number];

const WIDTHS_PX = { least: 40, most: 900 } as const;

export function readTracesSearch(raw: RawSearch): TracesSearch {
  const query = readText(raw["query"]);
  const sorted = writeSort(readChoice(raw["sort"], ORDERS) ?? "start", readChoice(raw["order"], ["asc", "desc"]));
  const columns = writeColumns(columnsOf({ columns: readText(raw["columns"]) }));
  const widths = writeWidths(widthsOf({ widths: readText(raw["widths"]) }));
  const facets = readChoice(raw["facets"], ["off"]);
  const chart = readChoice(raw["chart"], MEASURES);
  const by = readChoice(raw["by"], SPLITS);
  return {
    ...(query ? { query } : {}),
    ...(sorted.sort ? { sort: sorted.sort } : {}),
    ...(sorted.order ? { order: sorted.order } : {}),
    ...(columns ? { columns } : {}),
    ...(widths ? { widths } : {}),
    ...(facets ? { facets } : {}),
    ...(chart ? { chart } : {}),
    ...(chart && by ? { by } : {}),
  };
}

/** What the list is sorted by, and which way round. */
export function sortOf(search: TracesSearch): { readonly sort: Order; readonly order: Direction } {
  const sort = search.sort ?? "start";
  return { sort, order: search.order ?? usual(sort) };
}

/** What a click on a column leads to: sorted by it as is usual, or the other way round where it was that already. */
export function sortAgain(search: TracesSearch, column: Order): Pick<TracesSearch, "sort" | "order"> {
  const { sort, order } = sortOf(search);
  return writeSort(column, sort !== column ? undefined : order === "asc" ? "desc" : "asc");
}

/** In words, such as `largest first`. */
export function directionLabel(sort: Order, order: Direction): string {
  const [down, up] =
    sort === "start" ? ["latest first", "earliest first"] : sort === "name" ? ["from Z", "from A"] : ["largest first", "smallest first"];
  return order === "desc" ? down : up;
}

/** As the address has it: what is usual is left out. */
function writeSort(sort: Order, order: Direction | undefined): Pick<TracesSearch, "sort" | "order"> {
  return { sort: sort === "start" ? undefined : sort, order: order === usual(sort) ? undefined : order };
}

function usual(sort: Order): Direction {
  return sort === "name" ? "asc" : "desc";
}

/** The columns to show; the name is always among them, as it is what opens a trace. */
export function columnsOf(search: TracesSearch): readonly ColumnId[] {
  const known = readChoices(search.columns, COLUMNS);
  if (!known) return DEFAULT_COLUMNS;
  return known.includes("name") ? known : ["name", ...known];
}

/** The columns as the address has them; undefined for the usual ones. */
export function writeColumns(columns: readonly ColumnId[]): string | undefined {
  const text = columns.join(",");
  return text === DEFAULT_COLUMNS.join(",") ? undefined : text;
}

/** The column shown or hidden; one that is added takes its usual place. */
export function toggleColumn(columns: readonly ColumnId[], column: ColumnId): readonly ColumnId[] {
  if (columns.includes(column)) return columns.filter((one) => one !== column);
  const before = COLUMNS.slice(0, COLUMNS.indexOf(column));
  const at = columns.findLastIndex((one) => before.includes(one)) + 1;
  return [...columns.slice(0, at), column, ...columns.slice(at)];
}

/** The column one place to the left or right, or before another. */
export function moveColumn(columns: readonly ColumnId[], column: ColumnId, to: number | ColumnId): readonly ColumnId[] {
  const at = columns.indexOf(column);
  const target = typeof to === "number" ? at + to : columns.indexOf(to);
  if (at < 0 || target < 0 || target >= columns.length || target === at) return columns;
  return columns.filter((one) => one !== column).toSpliced(target, 0, column);
}

export type Widths = { readonly [Id in ColumnId]?: number };

/** Widths in pixels that somebody chose. */
export function widthsOf(search: TracesSearch): Widths {
  const found: { [Id in ColumnId]?: number } = {};
  for (const part of search.widths?.split(",") ?? []) {
    const [name, text] = part.split(":");
    const column = COLUMNS.find((one) => one === name);
    const width = Math.round(Number(text));
    if (column && text && width > 0) found[column] = Math.min(WIDTHS_PX.most, Math.max(WIDTHS_PX.least, width));
  }
  return found;
}

export function writeWidths(widths: Widths): string | undefined {
  const text = COLUMNS.flatMap((column) => (widths[column] === undefined ? [] : [`${column}:${widths[column]}`])).join(",");
  return text || undefined;
}
