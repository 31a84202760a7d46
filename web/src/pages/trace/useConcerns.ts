/** How many things in the evidence of a trace a person should look at, for the tab: asked for when the trace itself is there and has been drawn. */
import { useEffect, useState } from "react";
import { useEvidenceCounts } from "@/data/queries/evidence";
import { type Concerns, concerns } from "@/model/evidence";

const REST_MS = 800; // what is on the screen comes first

/** Null: not known yet, or nobody was watching. `now`: the evidence is on the screen, so that the numbers go on with it while the trace runs. */
export function useConcerns(project: string, traceId: string, { now, running }: { now: boolean; running: boolean }): Concerns | null {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  const { data } = useEvidenceCounts(project, traceId, { enabled: now || rested, following: now && running });
  return data?.watches ? concerns(data) : null;
}
