import ELK, { type ElkNode } from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { AgentGraph } from "@/model/agent-graph";
import { fitting, type Size, type Spot } from "@/model/graph-window";

/** Where each node stands (its upper left corner), and how large all of it is. */
export interface Placed {
  readonly get: (id: string) => Spot | undefined;
  readonly size: Size;
  /** Calls go from left to right, not from top to bottom. */
  readonly across: boolean;
}

export const NODE: Size = { width: 244, height: 54 };

let elk: InstanceType<typeof ELK> | undefined; // its worker is started once

/**
 * Layers of nodes, as calls go: from top to bottom; where the `room` is told, from left to right if more can be read there.
 * Laid out in a worker, as many nodes take longer than a frame.
 */
export async function placeGraph(graph: AgentGraph, room?: Size): Promise<Placed> {
  const down = await laidOut(graph, false);
  if (!room) return down;
  const across = await laidOut(graph, true);
  return fitting(across.size, room) > fitting(down.size, room) ? across : down;
}

async function laidOut(graph: AgentGraph, across: boolean): Promise<Placed> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  const laid: ElkNode = await elk.layout({
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": across ? "RIGHT" : "DOWN",
      "elk.padding": "[top=0,left=0,bottom=0,right=0]",
      "elk.spacing.nodeNode": "22",
      "elk.layered.spacing.nodeNodeBetweenLayers": across ? "150" : "64", // what is written at an edge has room between two layers
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    },
    children: graph.nodes.map(({ id }) => ({ id, ...NODE })),
    edges: graph.edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  });
  const places = new Map(laid.children?.map(({ id, x = 0, y = 0 }) => [id, { x, y }]));
  return { get: (id) => places.get(id), size: { width: laid.width ?? 0, height: laid.height ?? 0 }, across };
}
