/** What the address says of the evidence of a trace: what is listed, of which process and of which sort, and what is chosen. */
import { type RawSearch, readChoice, readChoices, readText } from "./search-state";

export const SORTS = ["program", "file", "host", "call"] as const;
/** What an action is about; `call`: a model call on the wire. */
export type Sort = (typeof SORTS)[number];

export const LISTS = ["time", "actions", "files", "hosts", "calls"] as const;
export type EvidenceList = (typeof LISTS)[number];

export interface EvidenceSearch {
  /** Left out: the processes in time. */
  readonly list?: EvidenceList | undefined;
  /** Only this process and all below it, by id. */
  readonly process?: string | undefined;
  /** `file,host`: only such actions; left out: all. */
  readonly sorts?: string | undefined;
  readonly only?: "unexplained" | undefined;
  /** What is chosen: a process (`p:` and its id), an action (`a:`, its event), a call on the wire (`c:`, its span), a file (`f:`) or a host (`h:`). */
  readonly item?: string | undefined;
}

export function readEvidenceSearch(raw: RawSearch): EvidenceSearch {
  const list = readChoice(raw["list"], LISTS);
  const process = readText(raw["process"], 512);
  const sorts = writeSorts(readChoices(raw["sorts"], SORTS) ?? []);
  const only = readChoice(raw["only"], ["unexplained"]);
  const item = readText(raw["item"]);
  return {
    ...(list && list !== "time" ? { list } : {}),
    ...(process ? { process } : {}),
    ...(sorts ? { sorts } : {}),
    ...(only ? { only } : {}),
    ...(item && /^[pacfh]:./s.test(item) ? { item } : {}),
  };
}

/** All where none is named. */
export function sortsOf(search: EvidenceSearch): ReadonlySet<Sort> {
  return new Set(readChoices(search.sorts, SORTS) ?? SORTS);
}

/** In their own order; undefined where it is none or all of them: both mean all. */
export function writeSorts(sorts: Iterable<Sort>): string | undefined {
  const wanted = new Set(sorts);
  const found = SORTS.filter((sort) => wanted.has(sort));
  return found.length === 0 || found.length === SORTS.length ? undefined : found.join(",");
}

export interface ProcessSearch {
  /** Its id within the evidence of the trace. */
  readonly process?: string | undefined;
}

export function readProcessSearch(raw: RawSearch): ProcessSearch {
  const process = readText(raw["process"], 512);
  return process ? { process } : {};
}
