/** What the address says of project and time, for hooks of data/; and how to change it without losing the rest of the address. */
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Scope } from "@/data/scope";
import { DEFAULT_PROJECT, projectOf, type RawSearch, rangeOf, readShared, type SharedSearch } from "@/model/search-state";
import { DEFAULT_RANGE, type TimeRange } from "@/model/time-range";

/** Project and range of the address; the same object for as long as they are the same. */
export function useScope(): Scope {
  const shared = useShared();
  const project = projectOf(shared);
  const { from, to } = rangeOf(shared);
  return useMemo(() => ({ project, from, to }), [project, from, to]);
}

export function useShared(): SharedSearch {
  const search = useRouterState({ select: (state) => state.location.search as RawSearch });
  return useMemo(() => readShared(search), [search]);
}

export interface ChangeShared {
  readonly project: (project: string) => void;
  readonly range: (range: TimeRange) => void;
  readonly refresh: (seconds: number | undefined) => void;
}

/** Changes of what pages share; each is a step that Back takes back. */
export function useChangeShared(): ChangeShared {
  const navigate = useNavigate();
  return useMemo(() => {
    const change = (more: SharedSearch) => navigate({ to: ".", search: (before: RawSearch) => ({ ...before, ...more }) as never });
    return {
      project: (project) => void change({ project: project === DEFAULT_PROJECT ? undefined : project }),
      range: ({ from, to }) =>
        void change({
          from: from === DEFAULT_RANGE.from && to === DEFAULT_RANGE.to ? undefined : from,
          to: to === DEFAULT_RANGE.to ? undefined : to,
        }),
      refresh: (seconds) => void change({ refresh: seconds }),
    };
  }, [navigate]);
}
