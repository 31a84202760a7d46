/** For what was seen live a moment ago: the store has it about a second after it was sent, so a 404 is asked about again before it is believed. */
import { passes, waitMs } from "./again";
import { asApiError } from "./problem";

const WAITS_MS = [250, 250, 500, 500, 750, 750]; // three seconds in all

const missing = (error: Error): boolean => asApiError(error).status === 404;
const waitOf = (failures: number): number => WAITS_MS[failures] ?? 0;

/** Whether what is missing may still come. */
export const comesYet = (failures: number, error: Error): boolean => missing(error) && failures < WAITS_MS.length;

/** Options of a query whose thing may be on its way into the store. */
export const storedSoon = {
  retry: (failures: number, error: Error) => (missing(error) ? comesYet(failures, error) : passes(failures, error)),
  retryDelay: (failures: number, error: Error) => (missing(error) ? waitOf(failures) : waitMs(failures, error)),
};

/** The server knows nothing of it so far, and is asked again. */
export function isAwaited(answer: { readonly failureReason: Error | null; readonly isFetching: boolean }): boolean {
  return answer.isFetching && answer.failureReason !== null && missing(answer.failureReason);
}
