/** How a laid out graph comes into a window. In: the sizes of both. Out: which of two layouts to take, and what is in sight first. All in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Sight extends Spot {
  readonly zoom: number;
}

const MARGIN_PX = 24;
const LARGEST = 1.1;
/** Smaller than this nobody reads a name: the graph then begins at its root and is dragged, instead of being shrunk to fit. */
const READABLE = 0.6;
const BEGIN = 0.8;

/** The zoom at which all of it is in sight. */
export function fitting(graph: Size, room: Size): number {
  const zoom = Math.min((room.width - 2 * MARGIN_PX) / Math.max(1, graph.width), (room.height - 2 * MARGIN_PX) / Math.max(1, graph.height));
  return Math.min(LARGEST, Math.max(0, zoom));
}

/** Where to begin: all of the graph in the middle where its names can be read, else its root (the middle of a node) at the edge that calls lead away from. */
export function firstSight(graph: Size, room: Size, root: Spot, across: boolean): Sight {
  const zoom = fitting(graph, room);
  if (zoom >= READABLE) return { x: (room.width - graph.width * zoom) / 2, y: (room.height - graph.height * zoom) / 2, zoom };
  const middle = { x: room.width / 2 - root.x * BEGIN, y: room.height / 2 - root.y * BEGIN };
  const edge = { x: MARGIN_PX, y: 3 * MARGIN_PX }; // what is chosen above the graph lies over its upper edge
  return across ? { x: edge.x, y: middle.y, zoom: BEGIN } : { x: middle.x, y: edge.y, zoom: BEGIN };
}
