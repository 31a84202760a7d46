import ELK from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { AgentGraph } from "@/model/agent-graph";

export type Placed = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

const WIDTH = 228;
const HEIGHT = 54;

let elk: InstanceType<typeof ELK> | undefined; // its worker is started once

/** Where each node stands: layers from top to bottom, as calls go. Laid out in a worker, as many nodes take longer than a frame. */
export async function placeGraph(graph: AgentGraph): Promise<Placed> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  const laid = await elk.layout({
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
