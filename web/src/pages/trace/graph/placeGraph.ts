import ELK from "elkjs/lib/elk.bundled.js";
import type { AgentGraph } from "@/model/agent-graph";

export type Placed = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

const WIDTH = 204;
const HEIGHT = 54;

/** Where each node stands: layers from top to bottom, as calls go. */
export async function placeGraph(graph: AgentGraph): Promise<Placed> {
  const laid = await new ELK().layout({
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "DOWN",
      "elk.spacing.nodeNode": "22",
      "elk.layered.spacing.nodeNodeBetweenLayers": "64",
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    },
    children: graph.nodes.map(({ id }) => ({ id, width: WIDTH, height: HEIGHT })),
    edges: graph.edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  });
  return new Map(laid.children?.map(({ id, x = 0, y = 0 }) => [id, { x, y }]));
}
