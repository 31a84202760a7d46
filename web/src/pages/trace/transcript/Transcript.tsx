/** The story of a run for people who did not write the agent: who said what, which tools were used and what came of it, in order. */
import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useScope } from "@/app/scope";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { Skeleton } from "@/components/Skeleton";
import { STORY_MOST } from "@/data/first-page";
import { fullCount } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import { type Story, type StoryRow, type StorySpan, unfolded } from "@/model/transcript";
import { Playhead } from "./Playhead";
import { Row } from "./Row";
import styles from "./Transcript.module.css";
import { useEnd } from "./useEnd";
import { useStory } from "./useStory";

interface Props {
  readonly traceId: string;
  /** For what agents came to. */
  readonly trace: TraceRows;
  /** Span id; null or left out: none. */
  readonly selected: string | null | undefined;
  readonly onSelect: (spanId: string) => void;
}

const END_PX = 24;
const HEIGHTS: Readonly<Record<StoryRow["type"], number>> = { agent: 38, call: 28, said: 84, tool: 92, step: 34 };

export function Transcript({ traceId, trace, selected, onSelect }: Props) {
  const { project } = useScope();
  const [most, setMost] = useState(STORY_MOST);
  const told = useStory(project, traceId, most);
  if (told.error && !told.spans.length) return <Problem error={told.error} onRetry={told.retry} />;
  if (told.loading) return <Skeleton rows={10} height={56} />;
  if (!told.story.rows.length)
    return <Empty title="Nothing to tell">This trace has no messages, and no span says what went in or out.</Empty>;
  return (
    <div className={styles.transcript}>
      {told.error ? <Problem error={told.error} onRetry={told.retry} /> : null}
      {told.story.spoken ? null : (
        <p className={styles.note}>
          No messages were recorded in this trace. These are its steps, with what went in and came out where the spans tell it.
        </p>
      )}
      {told.cut ? (
        <p className={styles.note}>
          {`This is a long story: its first ${fullCount(most)} spans and messages are shown. `}
          <button type="button" className={styles.further} onClick={() => setMost(most + STORY_MOST)}>
            {`Show ${fullCount(STORY_MOST)} more`}
          </button>
        </p>
      ) : null}
      <StoryList {...{ project, traceId, trace, selected, onSelect }} story={told.story} spans={told.spans} whole={told.whole} />
    </div>
  );
}

interface ListProps extends Props {
  readonly project: string;
  readonly story: Story;
  readonly spans: readonly StorySpan[];
  readonly whole: boolean;
}

/** What is drawn anew while one scrolls, and no more: not what asks for the story, nor what surrounds it. */
function StoryList({ project, traceId, trace, selected, onSelect, story, spans, whole }: ListProps) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [head, setHead] = useState<string | null>(null); // the key of the row where the playhead is
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => unfolded(story.rows, spans, folded), [story, spans, folded]);
  const places = usePlaces(rows);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => places.heights[at] ?? HEIGHTS.said,
    getItemKey: useCallback((at: number) => places.numbers[at] ?? -1, [places]), // another function is another list: all of it is measured anew
    overscan: 6,
    useFlushSync: false, // the wheel does not wait for rows
    paddingStart: 8,
    paddingEnd: END_PX,
    scrollPaddingEnd: END_PX,
  });
  const at = head === null ? -1 : rows.findIndex((row) => row.key === head);
  const goTo = useCallback(
    (next: number) => {
      const row = rows[next];
      if (!row) return;
      setHead(row.key);
      virtual.scrollToIndex(next, { align: "center" });
      onSelect(row.spanId);
    },
    [rows, virtual, onSelect],
  );
  useFollow(rows, selected, head, (next) => virtual.scrollToIndex(next, { align: "center" }));
  useEnd(scroller, rows.length, whole && head === null, () => virtual.scrollToIndex(rows.length - 1, { align: "end" }));
  const leave = useCallback(() => setHead(null), []);
  const fold = useCallback((spanId: string) => setFolded((before) => toggled(before, spanId)), []);
  return (
    <>
      <div ref={scroller} className={styles.scroller}>
        <ol className={styles.list} style={{ height: virtual.getTotalSize() }} aria-label="Transcript">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <Row
                key={item.key}
                ref={virtual.measureElement}
                at={item.index}
                top={item.start}
                row={row}
                traceId={traceId}
                trace={trace}
                project={project}
                selected={row.spanId === selected}
                here={row.key === head}
                later={at >= 0 && item.index > at}
                folded={folded.has(row.spanId)}
                bare={!story.spoken}
                onSelect={onSelect}
                onFold={fold}
              />
            );
          })}
        </ol>
      </div>
      <Playhead rows={rows} at={at} onStep={goTo} onEnd={leave} />
      {folded.size > 1 ? (
        <Button className={styles.unfold ?? ""} variant="default" onClick={() => setFolded(new Set())}>
          Unfold all agents
        </Button>
      ) : null}
    </>
  );
}

/**
 * What the virtual list asks of each row, ready to be read: it lays out all rows that follow anew for each row that turns out to be of another height, several
 * times within one frame where rows go by quickly. A row keeps its number for as long as the list is shown; numbers are found sooner than words.
 */
function usePlaces(rows: readonly StoryRow[]) {
  const known = useRef(new Map<string, number>());
  return useMemo(() => {
    const numbers = rows.map(({ key }) => {
      const number = known.current.get(key) ?? known.current.size;
      known.current.set(key, number);
      return number;
    });
    return { numbers, heights: rows.map((row) => HEIGHTS[row.type]) };
  }, [rows]);
}

/** A span that is chosen elsewhere comes into sight here. */
function useFollow(rows: readonly StoryRow[], selected: string | null | undefined, head: string | null, show: (at: number) => void): void {
  const seen = useRef<string | null | undefined>(null);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (selected === seen.current || !rows.length) return;
    seen.current = selected;
    const own = rows.find((row) => row.key === head)?.spanId === selected;
    const at = rows.findIndex((row) => row.spanId === selected);
    if (at >= 0 && !own) latest.current(at);
  }, [rows, selected, head]);
}

function toggled(before: ReadonlySet<string>, one: string): ReadonlySet<string> {
  const next = new Set(before);
  if (!next.delete(one)) next.add(one);
  return next;
}
