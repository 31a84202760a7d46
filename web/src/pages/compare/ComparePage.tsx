/** Two traces side by side: figures, steps that correspond, and what changed in each. */
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useStorySpans } from "@/data/queries/story-spans";
import { align, stepsOf } from "@/model/compare";
import { type CompareSearch, readCompareSearch } from "@/model/compare-search";
import styles from "./ComparePage.module.css";
import { Figures } from "./Figures";
import { PickTrace } from "./PickTrace";
import { Steps } from "./Steps";

export function ComparePage() {
  const search = readCompareSearch(useSearch({ strict: false }));
  const change = useChange<CompareSearch>();
  if (!search.a) return <PickTrace title="Choose the first trace" beside={null} onPick={(a) => change({ a })} />;
  if (!search.b) return <PickTrace title="Choose what to compare it with" beside={search.a} onPick={(b) => change({ b })} />;
  return (
    <Comparison
      a={search.a}
      b={search.b}
      step={search.step}
      onStep={(step) => change({ step })}
      onSwap={() => change({ a: search.b, b: search.a, step: undefined })}
      onAnother={() => change({ b: undefined, step: undefined })}
    />
  );
}

interface Props {
  readonly a: string;
  readonly b: string;
  readonly step: number | undefined;
  readonly onStep: (step: number | undefined) => void;
  readonly onSwap: () => void;
  readonly onAnother: () => void;
}

function Comparison({ a, b, step, onStep, onSwap, onAnother }: Props) {
  const { project } = useScope();
  const left = useStorySpans(project, a);
  const right = useStorySpans(project, b);
  const [leftData, rightData] = [left.data, right.data];
  const aligned = useMemo(() => {
    const steps = (pages: typeof leftData) => stepsOf(pages?.pages.flatMap((page) => page.items) ?? []);
    return align(steps(leftData), steps(rightData));
  }, [leftData, rightData]);
  const [traceA, traceB] = [left.data?.pages[0]?.trace, right.data?.pages[0]?.trace];
  const failed = (
    <>
      <Failed of={left} />
      <Failed of={right} />
    </>
  );
  if (!traceA || !traceB) return left.error || right.error ? failed : <Skeleton rows={10} height={34} />;
  return (
    <div className={styles.page}>
      {failed}
      <Figures a={traceA} b={traceB} onSwap={onSwap} onAnother={onAnother} />
      {aligned.cut ? <p className={styles.note}>These traces are long: their first 2,000 steps are compared.</p> : null}
      <Steps project={project} a={a} b={b} pairs={aligned.pairs} open={step} onOpen={onStep} />
    </div>
  );
}
