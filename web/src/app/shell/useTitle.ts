import { useMatches } from "@tanstack/react-router";
import { useEffect } from "react";
import { useName } from "@/app/title";

/** The tab is called after what is shown and after the page, the innermost route that has a title; gives the page's. */
export function useTitle(): string {
  const title = useMatches({ select: (matches) => matches.findLast((match) => match.staticData.title)?.staticData.title ?? "" });
  const name = useName();
  useEffect(() => {
    document.title = [name, title, "Spyglass"].filter(Boolean).join(" · ");
  }, [name, title]);
  return title;
}
