/** A graph drawn: it begins with what can be read of it, and is dragged and zoomed. What it tells stands in a list, too, for those who do not see it. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, type EdgeTypes, MarkerType, type Node, type NodeTypes, ReactFlow } from "@xyflow/react";
import { useMemo, useState } from "react";
import { Skeleton } from "@/components/Skeleton";
import type { GraphNode } from "@/model/agent-graph";
import type { Line } from "@/model/graph-lines";
import { firstSight, type Size } from "@/model/graph-window";
import styles from "./Graph.module.css";
import { GraphCard, type Told } from "./GraphCard";
import { GraphLine } from "./GraphLine";
import { NODE, type Placed } from "./place";
import { usePlaced } from "./usePlaced";

export interface Card {
  /** What a screen reader says of it. */
  readonly says: string;
  readonly told?: Told | undefined;
  readonly selected?: boolean;
}

interface Props {
  readonly label: string;
  readonly nodes: readonly GraphNode[];
  readonly lines: readonly Line[];
  readonly card: (node: GraphNode) => Card;
  /** Another one is another graph, which is brought into the window anew. */
  readonly sort: string;
  /** Its height. */
  readonly className?: string | undefined;
  /** It is all that there is on its page: a turned wheel zooms. */
  readonly alone?: boolean;
  /** By a click on a node or Enter. */
  readonly onOpen?: (node: GraphNode) => void;
}

const NODES: NodeTypes = { card: GraphCard };
const EDGES: EdgeTypes = { line: GraphLine };

export function Graph({ label, nodes, lines, card, sort, className = "", alone = false, onOpen }: Props) {
  const [room, setRoom] = useState<Size | null>(null);
  const [measure] = useState(() => (box: HTMLElement | null) => {
    if (box) setRoom((before) => before ?? { width: box.clientWidth, height: box.clientHeight });
  });
  const placed = usePlaced(nodes, lines, sort, room);
  const scheme = useComputedColorScheme("light");
  const opens = onOpen !== undefined;
  const cards = useMemo(
    () => (placed ? nodes.flatMap((node) => cardOf(node, card(node), placed, opens)) : []),
    [nodes, card, placed, opens],
  );
  const edges = useMemo(() => (placed ? lines.flatMap((line) => edgeOf(line, placed)) : []), [lines, placed]);
  const open = (id: string | null | undefined) => {
    const node = nodes.find((one) => one.id === id);
    if (node) onOpen?.(node);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the nodes inside have the focus; their library leaves Enter to the page
    <div
      ref={measure}
      className={`${styles.graph} ${className}`}
      data-opens={opens}
      onKeyDown={(event) => (event.key === "Enter" ? open(document.activeElement?.getAttribute("data-id")) : undefined)}
    >
      {placed && room ? (
        <ReactFlow
          nodes={cards}
          edges={edges}
          nodeTypes={NODES}
          edgeTypes={EDGES}
          defaultViewport={sight(nodes, placed, room)}
          fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
          minZoom={0.1}
          colorMode={scheme}
          nodesDraggable={false}
          nodesConnectable={false}
          deleteKeyCode={null}
          preventScrolling={alone}
          zoomOnScroll={alone}
          onNodeClick={(_, { id }) => open(id)}
          aria-label={label}
        >
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      ) : (
        <Skeleton rows={6} height={28} />
      )}
    </div>
  );
}

function sight(nodes: readonly GraphNode[], placed: Placed, room: Size) {
  const root = placed.nodes.get(nodes[0]?.id ?? "") ?? { x: 0, y: 0 };
  return firstSight(placed.size, room, { x: root.x + NODE.width / 2, y: root.y + NODE.height / 2 }, placed.across);
}

function cardOf(node: GraphNode, { says, told, selected = false }: Card, placed: Placed, opens: boolean): Node[] {
  const position = placed.nodes.get(node.id);
  if (!position) return [];
  return [
    {
      id: node.id,
      type: "card",
      position,
      data: { node, told },
      selected,
      connectable: false,
      ariaLabel: says,
      ariaRole: opens ? "button" : "group",
    },
  ];
}

function edgeOf({ id, from, to, label, colour, width, dashed }: Line, placed: Placed): Edge[] {
  const route = placed.lines.get(id);
  if (!route) return [];
  return [
    {
      id,
      type: "line",
      source: from,
      target: to,
      data: { route },
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: colour, markerUnits: "userSpaceOnUse" },
      label,
      style: { stroke: colour, strokeWidth: width, ...(dashed ? { strokeDasharray: "5 4" } : {}) },
      labelStyle: { fill: colour, fontSize: 11 },
      labelBgStyle: { fill: "var(--surface-panel)" },
      focusable: false,
    },
  ];
}
