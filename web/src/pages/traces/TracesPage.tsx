/** The list of traces: what is asked, what there is to choose from, how it went over time, and the traces. */
import { ActionIcon } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconChartBar, IconFilter } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useKeys } from "@/app/keys";
import { lazyPart } from "@/app/lazy";
import { useScope, useShared } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { usePainted } from "@/components/usePainted";
import { asApiError } from "@/data/problem";
import { useCompletion } from "@/data/queries/complete";
import { useSummary } from "@/data/queries/summary";
import { useTraces } from "@/data/queries/traces";
import { fullCount, plural } from "@/model/format";
import { columnsOf, readTracesSearch, sortAgain, sortOf, type TracesSearch, writeColumns } from "@/model/traces-search";
import { ColumnMenu } from "./ColumnMenu";
import { Facets } from "./Facets";
import { NoTraces } from "./NoTraces";
import { Pulses } from "./Pulses";
import { TraceList } from "./TraceList";
import styles from "./TracesPage.module.css";
import { ViewMenu } from "./ViewMenu";

const ChartPanel = lazyPart(() => import("./ChartPanel").then((found) => found.ChartPanel));
const NARROW = "(max-width: 1000px)";

export function TracesPage() {
  const search = readTracesSearch(useSearch({ strict: false }));
  const { project: _, ...shared } = useShared();
  const query = search.query ?? "";
  const scope = useScope();
  const traces = useTraces(scope, query, search);
  const wait = !usePainted(!traces.isPending); // what is beside the list comes after it: they would share two cores and a few connections
  const total = useSummary(scope, query, !wait).data?.traces ?? null;
  const change = useChange<TracesSearch>();
  const completion = useCompletion(scope);
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const beside = !narrow && search.facets !== "off";
  const filters = () => (narrow ? setDrawer(!drawer) : change({ facets: beside ? "off" : undefined }));
  useKeys([{ keys: "f", label: "Filters", group: "This page", run: filters }]);
  const error = traces.error ? asApiError(traces.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const ask = (text: string) => change({ query: text || undefined });
  const edit = (how: (text: string) => string) => change((before) => ({ query: how(before.query ?? "") || undefined }));
  const none = traces.isSuccess && !traces.data.pages.some((page) => page.items.length);
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <ActionIcon size={32} variant="default" onClick={filters} aria-pressed={beside || drawer} aria-label="Filters" title="Filters (f)">
          <IconFilter size={15} stroke={1.7} />
        </ActionIcon>
        <QueryBar value={query} placeholder="status:error duration>2s agent:planner" mistake={mistake} onSubmit={ask} {...completion} />
        {mistake || total === null ? null : (
          <span className={`${styles.total} numbers quiet`} title={fullCount(total)}>
            {plural(total, "trace")}
          </span>
        )}
        <ActionIcon
          size={32}
          variant="default"
          onClick={() => change({ chart: search.chart ? undefined : "count", by: undefined })}
          aria-pressed={search.chart !== undefined}
          aria-label="Chart"
          title="Chart"
        >
          <IconChartBar size={15} stroke={1.7} />
        </ActionIcon>
        <ViewMenu page="/traces" search={{ ...shared, ...search }} />
        <ColumnMenu
          columns={columnsOf(search)}
          sorted={sortOf(search)}
          onSort={(column) => change(sortAgain(search, column))}
          onChange={(next) => change({ columns: writeColumns(next) })}
          onReset={() => change({ columns: undefined, widths: undefined })}
        />
      </div>
      <div className={styles.body}>
        {beside || drawer ? <Facets query={query} onEdit={edit} drawer={!beside} onClose={() => setDrawer(false)} wait={wait} /> : null}
        <div className={styles.main}>
          {mistake ? null : <Pulses query={query} wait={wait} />}
          {search.chart && !mistake ? (
            <Suspense fallback={null}>
              <ChartPanel query={query} measure={search.chart} by={search.by} onChange={change} />
            </Suspense>
          ) : null}
          {error && !mistake ? <Problem error={error} onRetry={() => void traces.refetch()} /> : null}
          {mistake ? (
            <Empty title="The search cannot be understood">It is marked above where.</Empty>
          ) : none ? (
            <NoTraces query={query} onClear={() => change({ query: undefined })} />
          ) : (
            <TraceList traces={traces} search={search} total={total} onChange={change} wait={wait} />
          )}
        </div>
      </div>
    </div>
  );
}
