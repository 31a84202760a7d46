import { Link } from "@tanstack/react-router";
import { KindIcon } from "@/components/KindIcon";
import type { ExecutionDetail, ExecutionStep } from "@/data/queries/executions";
import { kindOf } from "@/model/colours";
import { duration } from "@/model/format";
import { type Mark, nsOf, stepMark } from "@/model/moments";
import { barPlace, type Stretch, wholeOf } from "@/model/waterfall";
import styles from "./Travel.module.css";

interface Props {
  readonly run: ExecutionDetail;
  readonly steps: readonly ExecutionStep[];
  readonly marks: readonly Mark[];
  readonly place: number;
  readonly onGo: (mark: string) => void;
}

const COLOURS = { ok: "", failed: "var(--status-error)", running: "var(--status-pending)" } as const;

/** What it did, in order, each beside its place in time; a click goes to the moment after it. */
export function Steps({ run, steps, marks, place, onGo }: Props) {
  const start = nsOf(run.start);
  const sight = wholeOf(run.duration_ns);
  const here = marks[place]?.id;
  if (!steps.length) return <p className="quiet">It tells of no steps, and no span below it does work.</p>;
  return (
    <ol className={styles.steps} aria-label="Steps">
      {steps.map((step, index) => {
        const id = stepMark(step);
        const { from, took } = stretchOf(steps, index, start);
        const text = step.output || step.input;
        return (
          <li key={`${id} ${step.span_id} ${step.time}`} className={styles.step} data-here={id === here || undefined}>
            <button type="button" className={styles.go} aria-current={id === here ? "step" : undefined} onClick={() => onGo(id)}>
              <span className={styles.what}>
                <span className={`${styles.number} numbers`}>{step.number ?? ""}</span>
                {step.kind ? <KindIcon kind={step.kind} size={14} /> : null}
                <span className={`${styles.name} cut`}>{step.name}</span>
                {step.status === "ok" ? null : <span className={styles[step.status]}>{step.status}</span>}
                <span className={`${styles.took} numbers`}>{step.duration_ns === null ? "" : duration(step.duration_ns)}</span>
              </span>
              <Bar at={from} took={took} sight={sight} colour={COLOURS[step.status] || `var(--kind-${kindOf(step.kind || "agent")})`} />
              {text ? <span className={`${styles.text} quiet cut`}>{text.slice(0, 300)}</span> : null}
            </button>
            {step.span_id && step.trace_id ? (
              <Link
                to="/traces/$traceId"
                params={{ traceId: step.trace_id }}
                search={{ span: step.span_id } as never}
                className={styles.span}
                aria-label={`Span of ${step.name}`}
              >
                span
              </Link>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}

function Bar({
  at,
  took,
  sight,
  colour,
}: {
  readonly at: number;
  readonly took: number;
  readonly sight: Stretch;
  readonly colour: string;
}) {
  const bar = barPlace(Math.min(at, sight.to), took, sight);
  return (
    <span className={styles.track} title={`after ${duration(at)}`}>
      {bar ? (
        <span className={styles.bar} style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%`, background: colour }} />
      ) : null}
    </span>
  );
}

/** A step that is told by an event has no duration: it is told when it is done, so it took what passed since the one before. */
function stretchOf(steps: readonly ExecutionStep[], index: number, start: bigint): { from: number; took: number } {
  const step = steps[index] as ExecutionStep;
  const at = Number(nsOf(step.time) - start);
  if (step.duration_ns !== null) return { from: at, took: step.duration_ns };
  if (step.kind) return { from: at, took: 0 };
  const before = steps[index - 1];
  const from = before ? Number(nsOf(before.time) - start) + (before.duration_ns ?? 0) : 0;
  return { from: Math.min(from, at), took: Math.max(0, at - from) };
}
