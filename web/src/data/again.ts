/** When a failed question is put again, and how long after. */
import { asApiError } from "./problem";

const RETRIES = 3;
const MOST_MS = 8000;
const MOST_REST_MS = 30_000; // a reader has gone by then

export const passes = (failures: number, error: unknown): boolean => failures < RETRIES && asApiError(error).passing;

/** Longer each time, and not before the server wants to be asked again. */
export const waitMs = (failures: number, error?: unknown): number =>
  Math.max(Math.min(MOST_MS, 500 * 2 ** failures), Math.min(MOST_REST_MS, asApiError(error).restMs));

/** Asked for again so often, once it is known: who was told that it cannot be had reads that until it is asked for on purpose, or the server is back. */
export const whileKnown =
  (everyMs: number) =>
  ({ state }: { readonly state: { readonly data: unknown } }): number | false =>
    state.data === undefined ? false : everyMs;
