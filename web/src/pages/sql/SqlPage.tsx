/** Ask the store with SQL: an editor with the tables beside it, the answer as a table or a chart. What was run last is in the address. */
import { Button, Drawer, SegmentedControl } from "@mantine/core";
import { IconPlayerPlay, IconTable } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { Suspense, useEffect, useMemo, useState } from "react";
import { useKeys } from "@/app/keys";
import { lazyPart } from "@/app/lazy";
import { readNonce } from "@/app/nonce";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useNarrow } from "@/components/useNarrow";
import { asApiError } from "@/data/problem";
import { useSql, useSqlSchema } from "@/data/queries/sql";
import { plural } from "@/model/format";
import { FIRST_SQL, SQL_CHARTS, type SqlChart, type SqlSearch } from "@/model/sql-search";
import { Answer } from "./Answer";
import { Downloads } from "./Downloads";
import { SavedQueries } from "./SavedQueries";
import { Schema } from "./Schema";
import styles from "./SqlPage.module.css";

const SqlEditor = lazyPart(() => import("@/components/SqlEditor").then((module) => module.SqlEditor));
const CHARTS = SQL_CHARTS.map((value) => ({ value, label: { table: "Table", line: "Lines", bar: "Bars" }[value] }));

export function SqlPage() {
  const search = useSearch({ from: "/shell/sql" });
  const { sql: asked = "", chart = "table" } = search;
  const [text, setText] = useState(asked || FIRST_SQL);
  useEffect(() => {
    if (asked) setText(asked);
  }, [asked]);
  const scope = useScope();
  const schema = useSqlSchema();
  const answer = useSql(scope, asked);
  const change = useChange<SqlSearch>();
  const run = () => (text === asked ? void answer.refetch() : change({ sql: text }));
  useKeys([{ keys: "mod+enter", label: "Run the query", group: "This page", run }]);
  const error = asked && answer.error ? asApiError(answer.error) : null;
  const mistake = useMemo(
    () => (error?.column && text === asked ? { line: error.line ?? 1, column: error.column } : null),
    [error?.column, error?.line, text, asked],
  );
  const tables = schema.data?.items;
  const columns = useMemo(
    () => Object.fromEntries((tables ?? []).map((one) => [one.table, one.columns.map((column) => column.name)])),
    [tables],
  );
  const narrow = useNarrow();
  const [drawer, setDrawer] = useState(false);
  const insert = (name: string) => {
    setText(`${text}${/\s$/.test(text) ? "" : " "}${name}`);
    setDrawer(false);
  };
  const schemaShown = (
    <>
      <Failed of={schema} />
      {schema.isPending ? <Skeleton rows={8} height={28} /> : null}
      <Schema tables={tables ?? []} onInsert={insert} />
    </>
  );
  return (
    <div className={styles.page}>
      {narrow ? (
        <Drawer opened={drawer} onClose={() => setDrawer(false)} title="Tables" size={300} transitionProps={{ duration: 100 }}>
          {schemaShown}
        </Drawer>
      ) : (
        <aside className={styles.schema} aria-label="Tables">
          {schemaShown}
        </aside>
      )}
      <div className={styles.work}>
        <div className={styles.editor}>
          <Suspense fallback={<pre className="mono">{text}</pre>}>
            <SqlEditor value={text} onChange={setText} onRun={run} schema={columns} mistake={mistake} nonce={readNonce()} />
          </Suspense>
        </div>
        <div className={styles.tools}>
          <Button
            leftSection={<IconPlayerPlay size={14} />}
            onClick={run}
            loading={answer.isFetching}
            rightSection={narrow ? null : <kbd>⌃↵</kbd>}
          >
            Run
          </Button>
          {narrow ? (
            <Button variant="default" leftSection={<IconTable size={14} />} onClick={() => setDrawer(true)}>
              Tables
            </Button>
          ) : null}
          <SavedQueries text={text} chart={chart} saved={search.saved} onOpen={change} />
          <span className={styles.end}>
            <span className="quiet numbers" role="status">
              {answer.data && !error ? plural(answer.data.items.length, "row") : ""}
            </span>
            <SegmentedControl
              data={CHARTS}
              value={chart}
              onChange={(value) => change({ chart: value === "table" ? undefined : (value as SqlChart) })}
              aria-label="Show as"
            />
            <Downloads sql={asked} />
          </span>
        </div>
        {error ? (
          <div className={styles.wrong} role="alert">
            {error.message}
          </div>
        ) : null}
        <Answer
          answer={error ? undefined : answer.data}
          chart={chart}
          asked={asked !== ""}
          loading={asked !== "" && answer.isPending}
          stale={answer.isPlaceholderData}
        />
      </div>
    </div>
  );
}
