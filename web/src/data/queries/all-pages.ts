import { useEffect } from "react";

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetching: boolean;
  readonly isError: boolean;
  readonly fetchNextPage: () => unknown;
}

/** Calls `go` at a good time; gives what ends the waiting. */
export type When = (go: () => void) => () => void;

export const atOnce: When = (go) => {
  go();
  return () => {};
};

/** Asks for page after page until all are there. `when`: for the next one. */
export function useAllPages({ hasNextPage, isFetching, isError, fetchNextPage }: Pages, when: When): void {
  useEffect(() => {
    if (!hasNextPage || isFetching || isError) return;
    return when(() => void fetchNextPage());
  }, [hasNextPage, isFetching, isError, fetchNextPage, when]);
}
