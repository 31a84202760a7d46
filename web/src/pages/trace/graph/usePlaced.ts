import { useEffect, useState } from "react";
import type { AgentGraph } from "@/model/agent-graph";
import type { Size } from "@/model/graph-window";
import { type Placed, placeGraph } from "./placeGraph";

/**
 * Where the nodes of a graph stand; null until they are placed. While a changed graph of the same `sort` is placed, the places before stand.
 * `room` is what they have to fit into; null: not known yet, nothing is placed; left out: it does not matter.
 */
export function usePlaced(graph: AgentGraph, sort = "", room?: Size | null): Placed | null {
  const [placed, setPlaced] = useState<{ readonly sort: string; readonly places: Placed } | null>(null);
  useEffect(() => {
    if (room === null) return undefined;
    let wanted = true;
    void placeGraph(graph, room).then((places) => (wanted ? setPlaced({ sort, places }) : undefined));
    return () => {
      wanted = false;
    };
  }, [graph, sort, room]);
  return placed?.sort === sort ? placed.places : null;
}
