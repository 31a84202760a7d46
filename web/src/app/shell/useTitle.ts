import { useMatches } from "@tanstack/react-router";
import { useEffect } from "react";

/** The tab is called after the page: the innermost route that has a title. */
export function useTitle(): string {
  const title = useMatches({ select: (matches) => matches.findLast((match) => match.staticData.title)?.staticData.title ?? "" });
  useEffect(() => {
    document.title = title ? `${title} · Spyglass` : "Spyglass";
  }, [title]);
  return title;
}
