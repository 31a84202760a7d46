import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";

/** What of a page's address is to be other; as a function where it stands on what is there: of two quick changes neither undoes the other. */
export type Change<Search> = (more: Search | ((before: Search) => Search), replace?: boolean) => void;

/** Changes what the address says of this page; each is a step that Back takes back, unless it replaces the one before. */
export function useChange<Search extends object>(): Change<Search> {
  const navigate = useNavigate();
  return useCallback(
    (more, replace = false) => {
      // The page is drawn a while after its address has changed, and a click may come in between: what counts is the address.
      const search = (before: Search) => ({ ...before, ...(typeof more === "function" ? more(before) : more) });
      void navigate({ to: ".", search: search as never, replace });
    },
    [navigate],
  );
}
