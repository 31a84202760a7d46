/** How many things in the evidence of a trace a person should look at, for the tab: asked for when the trace itself is there and has been drawn. */
import { useEffect, useState } from "react";
import { useEvidence } from "@/data/queries/evidence";
import { concerns } from "@/model/evidence";

const REST_MS = 800; // what is on the screen comes first

/** Null: not known yet, or nobody was watching. */
export function useConcerns(project: string, traceId: string, begin: string, now: boolean): ReturnType<typeof concerns> | null {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  const { data } = useEvidence(project, traceId, begin, { enabled: now || rested });
  return data?.watches.length ? concerns(data) : null;
}
