import ELK, { type ElkExtendedEdge, type ElkNode } from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { GraphNode } from "@/model/agent-graph";
import { type Line, labelSize, roundedPath } from "@/model/graph-lines";
import { fitting, type Size, type Spot } from "@/model/graph-window";

/** The way of a line, and the middle of its words. */
export interface Route {
  readonly path: string;
  readonly label: Spot;
}

/** Where each node stands (its upper left corner) and each line goes, and how large all of it is. */
export interface Placed {
  readonly nodes: ReadonlyMap<string, Spot>;
  readonly lines: ReadonlyMap<string, Route>;
  readonly size: Size;
  /** Lines go from left to right, not from top to bottom. */
  readonly across: boolean;
}

export const NODE: Size = { width: 244, height: 54 };

let elk: InstanceType<typeof ELK> | undefined; // its worker is started once

/**
 * Layers of nodes, as lines go: from top to bottom, or from left to right if more can be read in the `room` then. Lines are led around nodes, and their words have a
 * place of their own. Laid out in a worker, as many nodes take longer than a frame.
 */
export async function place(nodes: readonly GraphNode[], lines: readonly Line[], room: Size): Promise<Placed> {
  const [down, across] = await Promise.all([laidOut(nodes, lines, false), laidOut(nodes, lines, true)]);
  return fitting(across.size, room) > fitting(down.size, room) ? across : down;
}

async function laidOut(nodes: readonly GraphNode[], lines: readonly Line[], across: boolean): Promise<Placed> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  const known = new Set(nodes.map(({ id }) => id));
  const laid: ElkNode = await elk.layout({
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": across ? "RIGHT" : "DOWN",
      "elk.padding": "[top=0,left=0,bottom=0,right=0]",
      "elk.edgeRouting": "ORTHOGONAL",
      "elk.spacing.nodeNode": "22",
      "elk.layered.spacing.nodeNodeBetweenLayers": "26", // words between two layers have a layer of their own
      "elk.layered.spacing.edgeNodeBetweenLayers": "14",
      "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
      "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST", // from where it begins, a way back is one
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    },
    children: nodes.map(({ id }) => ({ id, ...NODE })),
    edges: lines.filter(({ from, to }) => known.has(from) && known.has(to)).map(edgeOf),
  });
  return {
    nodes: new Map(laid.children?.map(({ id, x = 0, y = 0 }) => [id, { x, y }])),
    lines: new Map(laid.edges?.map((edge) => [edge.id, routeOf(edge)])),
    size: { width: laid.width ?? 0, height: laid.height ?? 0 },
    across,
  };
}

function edgeOf({ id, from, to, label }: Line): ElkExtendedEdge {
  const layoutOptions = { "elk.edgeLabels.placement": "CENTER", "elk.edgeLabels.inline": "true" };
  return { id, sources: [from], targets: [to], labels: label ? [{ text: label, ...labelSize(label), layoutOptions }] : [] };
}

function routeOf({ sections = [], labels = [] }: ElkExtendedEdge): Route {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]);
  const { x = 0, y = 0, width = 0, height = 0 } = labels[0] ?? {};
  return { path: roundedPath(points), label: { x: x + width / 2, y: y + height / 2 } };
}
