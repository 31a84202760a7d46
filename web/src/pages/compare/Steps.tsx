import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { change, type Pair } from "@/model/compare";
import { duration, money } from "@/model/format";
import { nameOf, type StorySpan, toolOf } from "@/model/transcript";
import styles from "./ComparePage.module.css";
import { StepDiff } from "./StepDiff";

interface Props {
  readonly project: string;
  readonly a: string;
  readonly b: string;
  readonly pairs: readonly Pair[];
  readonly open: number | undefined;
  readonly onOpen: (step: number | undefined) => void;
}

/** Steps that correspond stand beside each other; one opens to what changed in it. */
export function Steps({ project, a, b, pairs, open, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: pairs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 34,
    overscan: 10,
    paddingEnd: 24,
  });
  return (
    <div ref={scroller} className={styles.scroller}>
      <ol className={styles.list} style={{ height: virtual.getTotalSize() }} aria-label="Steps">
        {virtual.getVirtualItems().map((item) => {
          const pair = pairs[item.index];
          if (!pair) return null;
          const shown = open === item.index;
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={styles.step}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <button type="button" className={styles.pair} aria-expanded={shown} onClick={() => onOpen(shown ? undefined : item.index)}>
                <Side letter="A" span={pair.a} missing="only in B" />
                <Side letter="B" span={pair.b} missing="only in A" delta={deltaOf(pair)} />
                <span className={styles.delta}>{deltaOf(pair)}</span>
              </button>
              {shown ? <StepDiff project={project} a={a} b={b} pair={pair} /> : null}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

const deltaOf = ({ a, b }: Pair) => (a && b ? change(a.duration_ns, b.duration_ns) : "");

interface SideProps {
  /** Told where both stand below each other. */
  readonly letter: string;
  readonly span: StorySpan | null;
  readonly missing: string;
  readonly delta?: string;
}

function Side({ letter, span, missing, delta = "" }: SideProps) {
  const own = <b className={styles.letter}>{letter}</b>;
  if (!span) {
    return (
      <span className={`${styles.side} ${styles.missing}`}>
        {own}
        {missing}
      </span>
    );
  }
  const name = span.kind === "llm" ? span.model || span.name : span.kind === "agent" ? nameOf(span) : span.tool ? toolOf(span) : span.name;
  return (
    <span className={styles.side}>
      {own}
      <KindIcon kind={span.kind} size={14} />
      <span className="cut">{name}</span>
      {span.status === "error" ? <Status status="error" quiet /> : null}
      <span className={styles.end}>
        {span.cost_usd ? <span>{money(span.cost_usd)}</span> : null}
        {delta ? <span className={styles.letter}>{delta}</span> : null}
        <span>{duration(span.duration_ns)}</span>
      </span>
    </span>
  );
}
