/** The list of traces: what is asked, how it went over time, and the traces. */
import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { asApiError } from "@/data/problem";
import { useSummary } from "@/data/queries/summary";
import { type Trace, useTraces } from "@/data/queries/traces";
import { fullCount, plural } from "@/model/format";
import { rangeLabel } from "@/model/time-range";
import { columnsOf, ORDERS, type Order, readTracesSearch, type TracesSearch, writeColumns } from "@/model/traces-search";
import { ColumnMenu } from "./ColumnMenu";
import { Pulses } from "./Pulses";
import { TraceCard } from "./TraceCard";
import styles from "./TracesPage.module.css";
import { traceColumns } from "./traceColumns";

const keyOf = (trace: Trace) => trace.trace_id;
const linkOf = (trace: Trace) => ({ to: "/traces/$traceId", params: { traceId: trace.trace_id } }) as const;
const nameOf = (trace: Trace) => `${trace.name || "trace"} ${trace.trace_id.slice(0, 8)}`;

export function TracesPage() {
  const search = readTracesSearch(useSearch({ strict: false }));
  const query = search.query ?? "";
  const sort = search.sort ?? "start";
  const scope = useScope();
  const traces = useTraces(scope, query, sort);
  const change = useChange();
  const rows = useMemo(() => traces.data?.pages.flatMap((page) => page.items) ?? [], [traces.data]);
  const shown = search.columns ?? "";
  const columns = useMemo(() => traceColumns(columnsOf({ columns: shown }), Date.now()), [shown]);
  const error = traces.error ? asApiError(traces.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = traces;
  const more = useCallback(() => void (isFetchingNextPage || fetchNextPage()), [isFetchingNextPage, fetchNextPage]);
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <QueryBar
          value={query}
          placeholder="status:error duration>2s agent:planner"
          mistake={mistake}
          onSubmit={(text) => change({ query: text || undefined })}
        />
        {mistake ? null : <Total query={query} />}
        <ColumnMenu columns={columnsOf(search)} onChange={(next) => change({ columns: writeColumns(next) })} />
      </div>
      {mistake ? null : <Pulses query={query} />}
      {error && !mistake ? <Problem error={error} onRetry={() => void traces.refetch()} /> : null}
      {mistake ? (
        <Empty title="The search cannot be understood">It is marked above where.</Empty>
      ) : traces.isSuccess && rows.length === 0 ? (
        <NoTraces query={query} onClear={() => change({ query: undefined })} />
      ) : (
        <DataTable
          label="Traces"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={nameOf}
          compact={(trace) => <TraceCard trace={trace} nowMs={Date.now()} />}
          sort={sort}
          onSort={(column) => change({ sort: ORDERS.includes(column as Order) ? (column as Order) : undefined })}
          onMore={hasNextPage && !isError ? more : undefined}
          loading={traces.isPending}
          stale={traces.isPlaceholderData}
        />
      )}
    </div>
  );
}

function useChange(): (more: TracesSearch) => void {
  const navigate = useNavigate();
  return useCallback((more) => void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never }), [navigate]);
}

function Total({ query }: { readonly query: string }) {
  const found = useSummary(useScope(), query).data?.traces;
  return found === undefined ? null : (
    <span className={`${styles.total} numbers quiet`} title={fullCount(found)}>
      {plural(found, "trace")}
    </span>
  );
}

function NoTraces({ query, onClear }: { readonly query: string; readonly onClear: () => void }) {
  const scope = useScope();
  const change = useChangeShared();
  const range = rangeLabel(scope).toLowerCase();
  if (query) {
    return (
      <Empty title="No trace matches" action={<Button onClick={onClear}>Clear the search</Button>}>
        Nothing in project {scope.project}, {range}.
      </Empty>
    );
  }
  return (
    <Empty
      title="No traces here"
      action={
        <Button.Group>
          <Button variant="default" onClick={() => change.range({ from: "-30d", to: "now" })}>
            Look at 30 days
          </Button>
          <ButtonLink to="/start">Connect an agent</ButtonLink>
        </Button.Group>
      }
    >
      Project {scope.project} got nothing, {range}.
    </Empty>
  );
}
