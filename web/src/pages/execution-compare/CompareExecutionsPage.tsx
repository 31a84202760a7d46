/** Two executions side by side, step by step: a fork and its origin, mostly. */
import { useSearch } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { Skeleton } from "@/components/Skeleton";
import { useComparedExecutions } from "@/data/queries/executions";
import { readCompareRuns } from "@/model/execution";
import { plural } from "@/model/format";
import styles from "./CompareExecutionsPage.module.css";
import { PairLine } from "./PairLine";
import { RunHead } from "./RunHead";

export function CompareExecutionsPage() {
  const { a, b } = readCompareRuns(useSearch({ strict: false }));
  if (!a || !b)
    return (
      <Empty title="Two executions are needed" action={<ButtonLink to="/executions">All executions</ButtonLink>}>
        The page of an execution that was forked leads here: side by side with its forks.
      </Empty>
    );
  return <Comparison a={a} b={b} />;
}

function Comparison({ a, b }: { readonly a: string; readonly b: string }) {
  const { project } = useScope();
  const { data, error, refetch } = useComparedExecutions(project, a, b);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} height={34} />;
  const forked = data.b.forked_from === data.a.id ? data.b.forked_at_step : data.a.forked_from === data.b.id ? data.a.forked_at_step : null;
  return (
    <div className={styles.page}>
      <div className={styles.heads}>
        <RunHead letter="A" run={data.a} other={data.b} />
        <RunHead letter="B" run={data.b} other={data.a} />
      </div>
      <p className={styles.note}>
        {data.items.length === 0
          ? "Neither tells of a step."
          : data.same_until === data.items.length
            ? "All steps are the same."
            : `The first ${plural(data.same_until, "step")} ${data.same_until === 1 ? "is" : "are"} the same.`}
        {forked === null ? "" : ` The fork took over ${plural(forked, "step")}.`}
        {data.truncated ? " They are long: not all of their steps are compared." : ""}
      </p>
      <ol className={styles.pairs} aria-label="Steps side by side">
        {data.items.map((pair, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: made anew as a whole
          <PairLine key={at} pair={pair} />
        ))}
      </ol>
    </div>
  );
}
