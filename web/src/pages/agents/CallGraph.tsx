/** Which agents call which, drawn, or as lines where there is no room: calls, their median and their failures. A click or Enter opens the agent. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, MarkerType, type Node, type NodeTypes, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { Skeleton } from "@/components/Skeleton";
import { useNarrow } from "@/components/useNarrow";
import type { AgentGraph, GraphEdge } from "@/model/agent-graph";
import { duration, percent, plural } from "@/model/format";
import { GraphList } from "@/pages/trace/graph/GraphList";
import { NodeCard } from "@/pages/trace/graph/NodeCard";
import { usePlaced } from "@/pages/trace/graph/usePlaced";
import styles from "./CallGraph.module.css";

interface Props {
  readonly graph: AgentGraph;
  /** The agent whose page this is. */
  readonly here?: string;
  readonly onOpen: (agent: string) => void;
}

const TYPES: NodeTypes = { card: NodeCard };

export function CallGraph({ graph, here = "", onOpen }: Props) {
  const narrow = useNarrow();
  const placed = usePlaced(graph);
  const scheme = useComputedColorScheme("light");
  const nodes: Node[] = useMemo(
    () =>
      graph.nodes.flatMap((node) => {
        const position = placed?.get(node.id);
        if (!position) return [];
        const ariaLabel = `Agent ${node.label}, ${plural(node.calls, "run")}`;
        const fixed = { draggable: false, connectable: false };
        return [{ id: node.id, type: "card", position, data: { node }, selected: node.id === here, ariaLabel, ...fixed }];
      }),
    [graph, placed, here],
  );
  const edges = useMemo(() => graph.edges.map(drawn), [graph]);
  if (narrow)
    return (
      <div className={styles.list}>
        <GraphList graph={graph} selected={-1} onOpen={(node) => onOpen(node.id)} />
        <Left graph={graph} />
      </div>
    );
  if (!placed) return <Skeleton rows={6} height={28} />;
  const openFocused = () => {
    const id = document.activeElement?.getAttribute("data-id");
    if (id && graph.nodes.some((node) => node.id === id)) onOpen(id);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the nodes inside have the focus; their library leaves Enter to the page
    <div className={styles.graph} onKeyDown={(event) => (event.key === "Enter" ? openFocused() : undefined)}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.1 }}
        minZoom={0.1}
        colorMode={scheme}
        nodesDraggable={false}
        nodesConnectable={false}
        deleteKeyCode={null}
        preventScrolling={false}
        zoomOnScroll={false}
        onNodeClick={(_, { id }) => onOpen(id)}
        aria-label="Calls between agents, drawn"
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
      <Left graph={graph} />
    </div>
  );
}

function Left({ graph }: { readonly graph: AgentGraph }) {
  return graph.left ? <p className="quiet">{plural(graph.left, "agent")} with fewer calls are left out.</p> : null;
}

function drawn(edge: GraphEdge): Edge {
  const colour = edge.errors ? "var(--status-error)" : "var(--text-quiet)";
  return {
    id: edge.id,
    source: edge.from,
    target: edge.to,
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: colour, markerUnits: "userSpaceOnUse" },
    label: `${edge.calls}× · ${duration(edge.p50)}${edge.errors ? ` · ${percent(edge.errors / edge.calls)} failed` : ""}`,
    style: { stroke: colour, strokeWidth: 1 + Math.min(3, Math.log10(edge.calls)) },
    labelStyle: { fill: colour, fontSize: 11 },
    labelBgStyle: { fill: "var(--surface-page)" },
    focusable: false,
  };
}
