/** What the address says of the list of traces. */
import { type RawSearch, readChoice, readChoices, readText } from "./search-state";

export const ORDERS = ["start", "duration", "cost", "tokens", "errors", "spans"] as const;
export type Order = (typeof ORDERS)[number];

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
  /** Comma-separated, in their order; left out: the usual ones. */
  readonly columns?: string | undefined;
}

export function readTracesSearch(raw: RawSearch): TracesSearch {
  const query = readText(raw["query"]);
  const sort = readChoice(raw["sort"], ORDERS);
  const columns = writeColumns(columnsOf({ columns: readText(raw["columns"]) }));
  return { ...(query ? { query } : {}), ...(sort && sort !== "start" ? { sort } : {}), ...(columns ? { columns } : {}) };
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
