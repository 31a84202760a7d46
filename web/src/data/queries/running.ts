/** The runs that go on now, as lines of the Live page: the same request as that of the executions. */
import { useMemo } from "react";
import { runningOf } from "@/model/running";
import { useGoing } from "./executions";

/** Runs of agents that go on now, with their last step and what they spent so far; asked for again every few seconds. */
export function useRunning(project: string) {
  const going = useGoing(project);
  const data = useMemo(() => going.data && runningOf(going.data.items), [going.data]);
  return { ...going, data };
}
