/** What SQL answered, for tables and charts; and what a text asks of its surroundings. */
import { type ChartData, type ChartLine, LINE_COLOURS } from "./chart";
import { parseTime } from "./format";
import type { Bounds } from "./time-range";

export type SqlRow = Readonly<Record<string, unknown>>;

const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?$/;
const MOST_LINES = 12;

/** The values of `{from:…}` and `{to:…}` where the text has them: both ends of the page's time range. */
export function sqlParameters(sql: string, { fromMs, toMs }: Bounds): Record<string, string> {
  const values: Record<string, string> = {};
  if (/\{\s*from\s*:/.test(sql)) values["from"] = sqlTime(fromMs);
  if (/\{\s*to\s*:/.test(sql)) values["to"] = sqlTime(toMs);
  return values;
}

function sqlTime(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace("Z", "");
}

/** A value as one line of text; empty for null. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const NAMES = /(^|_)(id|pid|port|hash|year)$/; // figures that nobody counts with
const LARGE = 10_000; // where all are smaller they are read at a glance, and may be years
const PRECISE = 12; // what comes after is what adding up left
const NO_FRACTION = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d*[1-9])?)\.?0+(Z?)$/;

/** How the values of a column are shown: thousands apart where some are large, no tail of zeros. */
export function shownIn(rows: readonly SqlRow[], column: string): (value: unknown) => string {
  const apart = !NAMES.test(column) && rows.some((row) => typeof row[column] === "number" && Math.abs(row[column]) >= LARGE);
  return (value) => {
    if (typeof value === "string") return value.replace(NO_FRACTION, "$1$2");
    if (typeof value !== "number" || !Number.isFinite(value)) return cellText(value);
    const told = Number.isInteger(value) ? value : Number(value.toPrecision(PRECISE));
    return apart ? told.toLocaleString("en-US", { maximumFractionDigits: PRECISE }) : String(told);
  };
}

/** Whether all values of a column that are there are numbers. */
export function isNumeric(rows: readonly SqlRow[], column: string): boolean {
  const told = rows.slice(0, 200).filter((row) => row[column] !== null);
  return told.length > 0 && told.every((row) => typeof row[column] === "number");
}

/** The rows as lines over time: the first column of times, a line for each column of numbers, and for each text beside them. Null: there is no time among them. */
export function overTime(columns: readonly string[], rows: readonly SqlRow[]): ChartData | null {
  const time = columns.find((column) => rows.length > 0 && rows.slice(0, 50).every((row) => TIME.test(String(row[column]))));
  const numbers = columns.filter((column) => isNumeric(rows, column));
  if (!time || !numbers.length) return null;
  const texts = columns.filter((column) => column !== time && !numbers.includes(column));
  const at = (row: SqlRow) =>
    parseTime(`${String(row[time]).replace(" ", "T").replace("Z", "")}${String(row[time]).includes(":") ? "Z" : ""}`);
  const timesMs = [...new Set(rows.map(at))].filter((ms) => !Number.isNaN(ms)).sort((a, b) => a - b);
  const places = new Map(timesMs.map((ms, place) => [ms, place]));
  const lines = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const group = texts.map((column) => cellText(row[column])).join(" · ");
    for (const column of numbers) {
      const label = [group, numbers.length > 1 || !group ? column : ""].filter(Boolean).join(" · ");
      const values = lines.get(label) ?? timesMs.map(() => null);
      values[places.get(at(row)) ?? -1] = row[column] as number | null;
      lines.set(label, values);
    }
  }
  return { timesMs, bucketMs: step(timesMs), lines: [...lines].slice(0, MOST_LINES).map(coloured) };
}

/** The rows as bars: what is told of, and the first number. Null: there is no number. */
export function asBars(
  columns: readonly string[],
  rows: readonly SqlRow[],
): readonly { readonly label: string; readonly value: number }[] | null {
  const number = columns.find((column) => isNumeric(rows, column));
  if (!number) return null;
  const texts = columns.filter((column) => !isNumeric(rows, column));
  return rows.slice(0, 50).map((row, at) => ({
    label: texts.length ? texts.map((column) => cellText(row[column])).join(" · ") || "empty" : String(at + 1),
    value: Number(row[number] ?? 0),
  }));
}

function coloured([label, values]: readonly [string, (number | null)[]], at: number): ChartLine {
  return { label, values, colour: LINE_COLOURS[at % LINE_COLOURS.length] ?? LINE_COLOURS[0] };
}

function step(timesMs: readonly number[]): number {
  const steps = timesMs.slice(1).map((ms, at) => ms - (timesMs[at] ?? 0));
  return steps.length ? Math.min(...steps) : 1000;
}
