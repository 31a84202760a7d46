import { useEffect, useState } from "react";
import { readLooked, writeLooked } from "@/data/looked";
import type { Finding } from "@/data/queries/findings";
import type { Scope } from "@/data/scope";
import { latest } from "@/model/findings";

interface Found {
  readonly data: { readonly items: readonly Finding[] } | undefined;
  readonly isPlaceholderData: boolean;
}

/** The time until which somebody had looked when the page was opened: what is later stays marked while they read. A list of all, until now, counts as looked at. */
export function useLooking({ project, to }: Scope, query: string, { data, isPlaceholderData }: Found): string {
  const [before, setBefore] = useState(() => ({ project, looked: readLooked(project) }));
  if (before.project !== project) setBefore({ project, looked: readLooked(project) });
  useEffect(() => {
    if (data && !isPlaceholderData && !query && to === "now") writeLooked(project, latest(data.items));
  }, [data, isPlaceholderData, project, query, to]);
  return before.looked;
}
