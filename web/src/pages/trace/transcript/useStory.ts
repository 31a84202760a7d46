import { useEffect, useMemo, useRef, useState } from "react";
import { useTraceMessages } from "@/data/queries/messages";
import { useSpanMessages } from "@/data/queries/span";
import { useStorySpans } from "@/data/queries/story-spans";
import { partsOf } from "@/model/message";
import { lacksOpening, type Story, type StoryMessage, type StorySpan, telling, withOpening } from "@/model/transcript";
import { scrolling } from "./useRested";

export interface Told {
  readonly story: Story;
  readonly spans: readonly StorySpan[];
  /** Nothing to show yet. */
  readonly loading: boolean;
  /** No further page is on its way: what comes now, comes because the run goes on. */
  readonly whole: boolean;
  /** There is more than is shown: the trace is longer than a transcript gets. */
  readonly cut: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

const NOBODY = "0000000000000000";

/** The story of a trace, from its spans and its messages. */
export function useStory(project: string, traceId: string, most: number): Told {
  // Further pages wait until nothing is scrolled, too: to read one takes a frame or two, and what is shown grows only then.
  const tree = useStorySpans(project, traceId, true, most, afterScrolling);
  const said = useTraceMessages(project, traceId, most, afterScrolling);
  const spans = useMemo(() => tree.data?.pages.flatMap((page) => page.items) ?? [], [tree.data]);
  const messages = useMemo(() => said.data?.pages.flatMap((page) => page.items) ?? [], [said.data]);
  const whole = !tree.hasNextPage && !said.hasNextPage;
  const begun = tree.data !== undefined && !said.isPending; // spans alone tell another story
  const bare = useTold(spans, messages, begun, whole);
  // What a user says again in a session is no new message: the story would begin without its question.
  const first = lacksOpening(bare) ? spans.find((span) => span.inputs > 0) : undefined;
  const opening = useSpanMessages({ project, traceId, spanId: first?.span_id ?? NOBODY }, first !== undefined);
  const question = opening.data?.items.findLast((one) => one.role === "user" && one.direction === "input");
  const story = useMemo(
    () => (question && first ? withOpening(bare, first.span_id, partsOf(question.body, question.text)) : bare),
    [bare, question, first],
  );
  const lastSpans = tree.data?.pages.at(-1);
  const lastSaid = said.data?.pages.at(-1);
  return {
    story,
    spans,
    loading: tree.isPending || said.isPending || (spans.length > 0 && bare === NOTHING),
    whole,
    cut: (lastSpans?.next_offset != null && !tree.hasNextPage) || (lastSaid?.next_cursor != null && !said.hasNextPage),
    error: tree.error ?? said.error,
    retry: () => void (tree.isError ? tree.refetch() : said.refetch()),
  };
}

const NOTHING: Story = { rows: [], spoken: false };
const SLICE_MS = 8; // of a frame

/**
 * The story told between frames. While pages still come it is told anew only when there is twice as much; and a longer one waits until nothing is scrolled, as
 * a list of so many rows is laid out anew for it.
 */
function useTold(spans: readonly StorySpan[], messages: readonly StoryMessage[], begun: boolean, whole: boolean): Story {
  const [told, setTold] = useState(NOTHING);
  const size = useRef(0);
  useEffect(() => {
    if (!begun) return;
    const now = spans.length + messages.length;
    if (!whole && size.current > 0 && now < 2 * size.current) return;
    const later = size.current > 0 ? afterScrolling : soon;
    const steps = telling(spans, messages);
    let stop = () => {};
    const go = () => {
      const end = performance.now() + SLICE_MS;
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) {
          size.current = now; // not before: a page that comes in between begins it anew
          return setTold(step.value);
        }
        if (performance.now() > end) break;
      }
      stop = later(go);
    };
    stop = later(go);
    return () => stop();
  }, [spans, messages, begun, whole]);
  return told;
}

function soon(go: () => void): () => void {
  const timer = setTimeout(go);
  return () => clearTimeout(timer);
}

function afterScrolling(go: () => void): () => void {
  return scrolling.wait(go);
}
