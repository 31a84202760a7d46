import { useEffect, useState } from "react";
import type { AgentGraph } from "@/model/agent-graph";
import { type Placed, placeGraph } from "./placeGraph";

/** Where the nodes of a graph stand; null until they are placed. While a changed graph of the same `sort` is placed, the places before stand. */
export function usePlaced(graph: AgentGraph, sort = ""): Placed | null {
  const [placed, setPlaced] = useState<{ readonly sort: string; readonly places: Placed } | null>(null);
  useEffect(() => {
    let wanted = true;
    void placeGraph(graph).then((places) => (wanted ? setPlaced({ sort, places }) : undefined));
    return () => {
      wanted = false;
    };
  }, [graph, sort]);
  return placed?.sort === sort ? placed.places : null;
}
