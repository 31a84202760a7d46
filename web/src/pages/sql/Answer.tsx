import { useMemo } from "react";
import { useChangeShared } from "@/app/scope";
import { BarList } from "@/components/BarList";
import { Empty } from "@/components/Empty";
import { ResultTable } from "@/components/ResultTable";
import { Skeleton } from "@/components/Skeleton";
import { TimeChart } from "@/components/TimeChart";
import { count } from "@/model/format";
import { asBars, overTime, type SqlRow } from "@/model/sql-answer";
import type { SqlChart } from "@/model/sql-search";
import { between } from "@/model/time-range";
import styles from "./SqlPage.module.css";

interface Props {
  readonly answer: { readonly columns: readonly string[]; readonly items: readonly SqlRow[] } | undefined;
  readonly chart: SqlChart;
  readonly asked: boolean;
  /** It is computed, or on its way. */
  readonly loading: boolean;
  readonly stale: boolean;
}

/** The answer as it is asked to be shown; where it cannot be drawn, it says why. */
export function Answer({ answer, chart, asked, loading, stale }: Props) {
  const change = useChangeShared();
  const drawn = useMemo(() => (answer && chart !== "table" ? overTime(answer.columns, answer.items) : null), [answer, chart]);
  if (!answer && loading) return <Skeleton rows={8} height={28} />;
  if (!answer) return asked ? null : <Empty title="Ask anything">One SELECT over the tables of this project. It can change nothing.</Empty>;
  if (answer.items.length === 0) return <Empty title="No rows">The query ran, and nothing matched.</Empty>;
  if (chart === "table") return <ResultTable label="Answer" columns={answer.columns} rows={answer.items} stale={stale} />;
  if (drawn)
    return (
      <div className={styles.drawn}>
        <TimeChart
          label="Answer"
          data={drawn}
          format={count}
          shape={chart}
          stale={stale}
          onZoom={(fromMs, toMs) => change.range(between(fromMs, toMs))}
        />
      </div>
    );
  const bars = chart === "bar" ? asBars(answer.columns, answer.items) : null;
  if (bars)
    return (
      <div className={styles.drawn}>
        <BarList label="Answer" items={bars} format={count} />
      </div>
    );
  return (
    <Empty title="Nothing to draw">
      {chart === "line" ? "Lines need a column of times and one of numbers." : "Bars need a column of numbers."}
    </Empty>
  );
}
