import { Link } from "@tanstack/react-router";
import { Suspense } from "react";
import { lazyPart } from "@/app/lazy";
import { type Span, useSpan, useSpanMessages } from "@/data/queries/span";
import type { Pair } from "@/model/compare";
import { type StepTexts, textsOf } from "@/model/step-texts";
import type { StorySpan } from "@/model/transcript";
import styles from "./ComparePage.module.css";

const TextDiff = lazyPart(() => import("@/components/TextDiff").then((found) => found.TextDiff));

interface Props {
  readonly project: string;
  readonly a: string;
  readonly b: string;
  readonly pair: Pair;
}

const NOBODY = "0".repeat(16);

/** What changed between two steps: model, prompts, what went in, what came out. */
export function StepDiff({ project, a, b, pair }: Props) {
  const one = useTexts(project, a, pair.a);
  const other = useTexts(project, b, pair.b);
  if (!one || !other) return <p className={styles.note}>Loading both steps…</p>;
  const fields = (Object.keys(one) as (keyof StepTexts)[]).filter((field) => one[field] || other[field]);
  if (!fields.length)
    return (
      <div className={styles.opened}>
        <p className={styles.note}>Neither step tells what went in or came out.</p>
        <Places a={a} b={b} pair={pair} />
      </div>
    );
  return (
    <div className={styles.opened}>
      <dl className={styles.fields}>
        {fields.map((field) => (
          <div key={field}>
            <dt>
              {field}
              {one[field] === other[field] ? <span className="quiet"> · the same</span> : null}
            </dt>
            <dd>
              <Suspense fallback={null}>
                <TextDiff a={one[field]} b={other[field]} />
              </Suspense>
            </dd>
          </div>
        ))}
      </dl>
      <Places a={a} b={b} pair={pair} />
    </div>
  );
}

/** The way to where each was done. */
function Places({ a, b, pair }: Pick<Props, "a" | "b" | "pair">) {
  const place = (traceId: string, span: StorySpan | null, letter: string) =>
    span ? (
      <Link to="/traces/$traceId" params={{ traceId }} search={{ span: span.span_id } as never}>
        {`Open in trace ${letter}`}
      </Link>
    ) : null;
  return (
    <p className={styles.places}>
      {place(a, pair.a, "A")}
      {place(b, pair.b, "B")}
    </p>
  );
}

function useTexts(project: string, traceId: string, step: StorySpan | null): StepTexts | null {
  const of = { project, traceId, spanId: step?.span_id ?? NOBODY };
  const span = useSpan(of, step !== null);
  const said = useSpanMessages(of, step !== null && step.inputs + step.outputs > 0);
  if (!step) return textsOf(null, []);
  if (!span.data || (step.inputs + step.outputs > 0 && !said.data)) return null;
  return textsOf(span.data satisfies Span, said.data?.items ?? []);
}
