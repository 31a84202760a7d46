import { useEffect, useState } from "react";
import { type LiveState, NO_STATE, watchLive } from "@/data/live";
import { isRecord, type RecordFrame } from "@/data/live-frames";

export interface FirstSpan {
  readonly span: RecordFrame | null;
  readonly seen: number;
  readonly state: LiveState;
}

/** Waits for spans of a project: the first with a trace that comes while one looks, and how many came. */
export function useFirstSpan(project: string): FirstSpan {
  const [span, setSpan] = useState<RecordFrame | null>(null);
  const [seen, setSeen] = useState(0);
  const [state, setState] = useState<LiveState>(NO_STATE);
  useEffect(() => {
    setSpan(null);
    setSeen(0);
    const live = watchLive(
      { project, kind: ["span"], rate: 50 },
      {
        onState: setState,
        onFrames: (frames) => {
          const records = frames.filter(isRecord);
          if (!records.length) return;
          setSeen((before) => before + records.length);
          setSpan((before) => before ?? records.find((one) => one.trace_id) ?? null);
        },
      },
    );
    return live.close;
  }, [project]);
  return { span, seen, state };
}
