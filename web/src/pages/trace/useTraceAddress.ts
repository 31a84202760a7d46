/** What the address says of this page, and changes of it. A click is a step that Back takes back; walking by keys, zooming and sizing are not. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { RawSearch } from "@/model/search-state";
import { type GraphForm, PANEL_PX, type TraceSearch, type TraceView, writeZoom } from "@/model/trace-search";
import type { Stretch } from "@/model/waterfall";

export interface TraceAddress extends TraceSearch {
  readonly show: (view: TraceView) => void;
  /** Null: none. */
  readonly select: (span: string | null, walking?: boolean) => void;
  readonly setInner: (shown: boolean) => void;
  readonly setPanel: (px: number) => void;
  /** Null: all of the time. */
  readonly setZoom: (sight: Stretch | null) => void;
  readonly setGraph: (graph: "runs" | undefined) => void;
  readonly setForm: (form: GraphForm) => void;
}

export function useTraceAddress(): TraceAddress {
  const search = useSearch({ from: "/shell/traces/$traceId" });
  const navigate = useNavigate();
  const changes = useMemo(() => {
    const change = (more: TraceSearch, replace = false) =>
      void navigate({ to: ".", search: (before: RawSearch) => ({ ...before, ...more }) as never, replace });
    return {
      show: (view: TraceView) => change({ view }),
      select: (span: string | null, walking = false) => change({ span: span ?? undefined }, walking),
      setInner: (shown: boolean) => change({ inner: shown ? "1" : undefined }),
      setPanel: (px: number) => change({ panel: px === PANEL_PX.usual ? undefined : px }, true),
      setZoom: (sight: Stretch | null) => change({ zoom: writeZoom(sight) }, true),
      setGraph: (graph: "runs" | undefined) => change({ graph }),
      setForm: (form: GraphForm) => change({ form }),
    };
  }, [navigate]);
  return { ...search, ...changes };
}
