import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { useKeys } from "@/app/keys";
import { KindIcon } from "@/components/KindIcon";
import { Status } from "@/components/Status";
import { useRowWalk } from "@/components/useRowWalk";
import { change, difference, nextDifference, type Pair } from "@/model/compare";
import { duration, money } from "@/model/format";
import { nameOf, type StorySpan, toolOf } from "@/model/transcript";
import styles from "./ComparePage.module.css";
import { Differences } from "./Differences";
import { StepDiff } from "./StepDiff";

interface Props {
  readonly project: string;
  readonly a: string;
  readonly b: string;
  readonly pairs: readonly Pair[];
  readonly open: number | undefined;
  readonly onOpen: (step: number | undefined) => void;
}

/** Steps that correspond stand beside each other; one opens to what changed in it. Keys walk over them, and from difference to difference. */
export function Steps({ project, a, b, pairs, open, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: pairs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 34,
    overscan: 10,
    paddingEnd: 24,
  });
  const differences = useMemo(() => pairs.map(difference), [pairs]);
  const walk = useRowWalk(scroller, pairs.length, (at) => virtual.scrollToIndex(at));
  const jump = (by: 1 | -1) => {
    const inside = scroller.current?.contains(document.activeElement);
    const found = nextDifference(differences, inside || walk.at > 0 ? walk.at : -1, by);
    if (found !== undefined) walk.to(found);
  };
  useKeys([
    { keys: "n", label: "Next difference", group: "This page", run: () => jump(1) },
    { keys: "p", label: "Difference before", group: "This page", run: () => jump(-1) },
    ...(open === undefined ? [] : [{ keys: "Escape", label: "Close the step", group: "This page", run: () => onOpen(undefined) }]),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the step that the address names is shown when the page comes, and left alone from then on
  useEffect(() => {
    if (open === undefined) return;
    walk.set(open);
    virtual.scrollToIndex(open, { align: "center" });
  }, []);
  return (
    <>
      <Differences found={differences} onJump={jump} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the buttons inside, which are what has the focus */}
      <div ref={scroller} className={styles.scroller} onKeyDown={walk.onKeyDown}>
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
                <button
                  type="button"
                  className={styles.pair}
                  data-row={item.index}
                  data-differs={differences[item.index] ? "" : undefined}
                  tabIndex={item.index === walk.at ? 0 : -1}
                  onFocus={() => walk.set(item.index)}
                  aria-expanded={shown}
                  onClick={() => onOpen(shown ? undefined : item.index)}
                >
                  <Side letter="A" span={pair.a} missing="only in B" />
                  <Side letter="B" span={pair.b} missing="only in A" delta={deltaOf(pair)} />
                  <span className={styles.delta}>{deltaOf(pair)}</span>
                  {pair.a && pair.b ? <span className="hidden">{differences[item.index]}</span> : null}
                </button>
                {shown ? <StepDiff project={project} a={a} b={b} pair={pair} /> : null}
              </li>
            );
          })}
        </ol>
      </div>
    </>
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
