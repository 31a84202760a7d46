import { useCallback, useEffect, useRef, useState } from "react";
import { type LiveState, NO_STATE, watchLive } from "@/data/live";
import { isRecord, type RecordFrame } from "@/data/live-frames";
import { LIVE_KINDS, type LiveKind } from "@/model/live-search";
import { arrived, EMPTY_TAIL, rate, resumed, type Tail } from "@/model/tail";

export interface Watching {
  readonly tail: Tail<RecordFrame>;
  readonly state: LiveState;
  readonly paused: boolean;
  /** Records a second, lately. */
  readonly rate: number;
  readonly pause: (paused: boolean) => void;
  readonly clear: () => void;
}

const DRAW_MS = 200; // records are drawn a few times a second, however fast they come
const FRAMES_A_SECOND = 200;

/** Records as they come. While it is paused they go on to come, and wait. */
export function useTail(project: string, query: string, kind: LiveKind | undefined): Watching {
  const [tail, setTail] = useState<Tail<RecordFrame>>(EMPTY_TAIL);
  const [state, setState] = useState<LiveState>(NO_STATE);
  const [paused, setPaused] = useState(false);
  const [perSecond, setPerSecond] = useState(0);
  const hold = useRef(false);
  useEffect(() => {
    const came: RecordFrame[] = [];
    let arrivals: { atMs: number; count: number }[] = [];
    setTail(EMPTY_TAIL);
    const live = watchLive(
      { project, query, kind: kind ? [kind] : LIVE_KINDS, rate: FRAMES_A_SECOND },
      {
        onState: setState,
        onFrames: (frames) => {
          const records = frames.filter(isRecord);
          came.push(...records);
          if (records.length) arrivals.push({ atMs: Date.now(), count: records.length });
        },
      },
    );
    const timer = setInterval(() => {
      const now = Date.now();
      arrivals = arrivals.filter((one) => now - one.atMs < 5000);
      setPerSecond(rate(arrivals, now));
      const batch = came.splice(0);
      if (batch.length) setTail((before) => arrived(before, batch, hold.current));
    }, DRAW_MS);
    return () => {
      clearInterval(timer);
      live.close();
    };
  }, [project, query, kind]);
  const pause = useCallback((next: boolean) => {
    hold.current = next;
    setPaused(next);
    if (!next) setTail(resumed);
  }, []);
  return { tail, state, paused, rate: perSecond, pause, clear: useCallback(() => setTail(EMPTY_TAIL), []) };
}
