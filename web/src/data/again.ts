/** When a failed question is put again, and how long after. */
import { asApiError } from "./problem";

const RETRIES = 3;
const MOST_MS = 8000;
const SPREAD = 0.5;
const MOST_REST_MS = 30_000; // a reader has gone by then

/** Who waited for an answer in vain for a minute is told so, and not after three minutes more. */
export const passes = (failures: number, error: unknown): boolean => {
  const told = asApiError(error);
  return failures < RETRIES && told.passing && told.code !== "timeout";
};

/** Longer each time, and not before the server wants to be asked again; the questions of a page, which failed together, do not come back together. */
export const waitMs = (failures: number, error?: unknown): number => {
  const least = Math.max(Math.min(MOST_MS, 500 * 2 ** failures), Math.min(MOST_REST_MS, asApiError(error).restMs));
  return Math.round(least * (1 + SPREAD * Math.random()));
};

/** Asked for again so often, once it is known: who was told that it cannot be had reads that until it is asked for on purpose, or the server is back. */
export const whileKnown =
  (everyMs: number) =>
  ({ state }: { readonly state: { readonly data: unknown } }): number | false =>
    state.data === undefined ? false : everyMs;

/** The same of what comes page by page, for as long as nobody looks further down: all its pages would be asked for again. */
export const whileFirst =
  (everyMs: number) =>
  ({ state }: { readonly state: { readonly data: { readonly pages: readonly unknown[] } | undefined } }): number | false =>
    state.data?.pages.length === 1 ? everyMs : false;
