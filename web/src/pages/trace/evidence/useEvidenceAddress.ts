/** What the address says of the evidence of a trace, and changes of it. A click is a step that Back takes back; walking by keys is not. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { type EvidenceSearch, readEvidenceSearch } from "@/model/evidence-search";
import type { RawSearch } from "@/model/search-state";

export interface EvidenceAddress extends EvidenceSearch {
  readonly change: (more: EvidenceSearch) => void;
  /** Null: nothing. A chosen span gives way to it. */
  readonly choose: (item: string | null, walking?: boolean) => void;
}

export function useEvidenceAddress(): EvidenceAddress {
  const search = useSearch({ strict: false }) as RawSearch;
  const navigate = useNavigate();
  const changes = useMemo(() => {
    const go = (more: RawSearch, replace = false) =>
      void navigate({ to: ".", search: (before: RawSearch) => ({ ...before, ...more }) as never, replace });
    return {
      change: (more: EvidenceSearch) => go({ ...more }),
      choose: (item: string | null, walking = false) => go({ item: item ?? undefined, span: undefined }, walking),
    };
  }, [navigate]);
  return { ...readEvidenceSearch(search), ...changes };
}
