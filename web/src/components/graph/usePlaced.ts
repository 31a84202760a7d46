import { useEffect, useState } from "react";
import type { GraphNode } from "@/model/agent-graph";
import type { Line } from "@/model/graph-lines";
import type { Size } from "@/model/graph-window";
import { type Placed, place } from "./place";

/**
 * Where the nodes and lines of a graph stand; null until they are placed. While a changed graph of the same `sort` is placed, the places before stand.
 * `room` is what they have to fit into; null: not known yet, nothing is placed.
 */
export function usePlaced(nodes: readonly GraphNode[], lines: readonly Line[], sort: string, room: Size | null): Placed | null {
  const [placed, setPlaced] = useState<{ readonly sort: string; readonly places: Placed } | null>(null);
  useEffect(() => {
    if (room === null) return undefined;
    let wanted = true;
    void place(nodes, lines, room).then((places) => (wanted ? setPlaced({ sort, places }) : undefined));
    return () => {
      wanted = false;
    };
  }, [nodes, lines, sort, room]);
  return placed?.sort === sort ? placed.places : null;
}
