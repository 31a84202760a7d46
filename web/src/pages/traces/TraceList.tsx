import { useCallback, useMemo } from "react";
import { useScope } from "@/app/scope";
import { type ColumnChanges, DataTable } from "@/components/DataTable";
import { useOpenings } from "@/data/queries/openings";
import type { Trace, useTraces } from "@/data/queries/traces";
import {
  type ColumnId,
  columnsOf,
  DEFAULT_COLUMNS,
  moveColumn,
  type Order,
  sortAgain,
  sortOf,
  type TracesSearch,
  widthsOf,
  writeColumns,
  writeWidths,
} from "@/model/traces-search";
import { SelectionBar } from "./SelectionBar";
import { TraceCard } from "./TraceCard";
import { traceColumns } from "./traceColumns";
import { useSelection } from "./useSelection";

interface Props {
  readonly traces: ReturnType<typeof useTraces>;
  readonly search: TracesSearch;
  readonly total: number | null;
  readonly onChange: (more: TracesSearch) => void;
  /** The list is not on the screen yet. */
  readonly wait: boolean;
}

const THREE_LINES_PX = 82;
const NO_PAGES = [] as const;
const keyOf = (trace: Trace) => trace.trace_id;
const linkOf = (trace: Trace) => ({ to: "/traces/$traceId", params: { traceId: trace.trace_id } }) as const;
const nameOf = (trace: Trace) => `${trace.name || "trace"} ${trace.trace_id.slice(0, 8)}`;

/** The traces as a table, and what to do with those that are chosen. */
export function TraceList({ traces, search, total, onChange, wait }: Props) {
  const scope = useScope();
  const query = search.query ?? "";
  const sorted = sortOf(search);
  const pages = useMemo(() => traces.data?.pages.map((page) => page.items) ?? [], [traces.data]);
  const openings = useOpenings(scope.project, wait ? NO_PAGES : pages);
  const rows = useMemo(
    () => pages.flat().map((trace) => ({ ...trace, input: openings.get(trace.trace_id) || trace.input })),
    [pages, openings],
  );
  const keys = useMemo(() => rows.map(keyOf), [rows]);
  const chosen = useSelection(JSON.stringify([scope, query]), keys);
  const shown = search.columns ?? "";
  const sizes = search.widths ?? "";
  const columns = useMemo(() => traceColumns(columnsOf({ columns: shown }), Date.now(), widthsOf({ widths: sizes })), [shown, sizes]);
  const extra = useMemo(() => columnsOf({ columns: shown }).filter((id) => !DEFAULT_COLUMNS.includes(id)), [shown]);
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = traces;
  const more = useCallback(() => void (isFetchingNextPage || fetchNextPage()), [isFetchingNextPage, fetchNextPage]);
  const changes: ColumnChanges = {
    onWidth: (column, px) => onChange({ widths: writeWidths({ ...widthsOf(search), [column]: px }) }),
    onMove: (column, place) => onChange({ columns: writeColumns(moveColumn(columnsOf(search), column as ColumnId, place as ColumnId)) }),
  };
  return (
    <>
      {chosen.ids.length ? <SelectionBar chosen={chosen} traces={rows} query={query} total={total} /> : null}
      <DataTable
        label="Traces"
        rows={rows}
        columns={columns}
        keyOf={keyOf}
        linkOf={linkOf}
        nameOf={nameOf}
        compact={(trace) => <TraceCard trace={trace} nowMs={Date.now()} extra={traceColumns(extra, 0)} />}
        {...(extra.length ? { compactPx: THREE_LINES_PX } : {})}
        sort={sorted.sort}
        order={sorted.order}
        onSort={(column) => onChange(sortAgain(search, column as Order))}
        onMore={hasNextPage && !isError ? more : undefined}
        loading={traces.isPending}
        stale={traces.isPlaceholderData}
        selection={chosen.selection}
        changes={changes}
      />
    </>
  );
}
