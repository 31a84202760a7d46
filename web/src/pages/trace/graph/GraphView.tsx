/** Who calls whom in this trace: agents, tools and models, each once or by the runs of agents, with what their calls came to. A click goes through the spans of a node. */
import "@xyflow/react/dist/style.css";
import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, MarkerType, type Node, type NodeTypes, Panel, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { Empty } from "@/components/Empty";
import { Skeleton } from "@/components/Skeleton";
import { agentGraph, type GraphNode } from "@/model/agent-graph";
import { duration, percent, plural } from "@/model/format";
import { stepWithin, type TraceRows } from "@/model/trace-rows";
import styles from "./GraphView.module.css";
import { NodeCard } from "./NodeCard";
import { usePlaced } from "./usePlaced";

interface Props {
  readonly trace: TraceRows;
  readonly selected: number;
  /** A node for each run of an agent. */
  readonly runs: boolean;
  readonly onRuns: (runs: boolean) => void;
  readonly onSelect: (row: number, walking: boolean) => void;
}

const TYPES: NodeTypes = { card: NodeCard };

export function GraphView({ trace, selected, runs, onRuns, onSelect }: Props) {
  const graph = useMemo(() => agentGraph(trace, runs), [trace, runs]);
  const placed = usePlaced(graph, runs ? "runs" : "agents"); // another sort is laid out and fitted into the window anew
  const scheme = useComputedColorScheme("light");
  const nodes: Node[] = useMemo(
    () =>
      graph.nodes.flatMap((node) => {
        const position = placed?.get(node.id);
        return position
          ? [
              {
                id: node.id,
                type: "card",
                position,
                data: { node },
                selected: node.rows.includes(selected),
                draggable: false,
                connectable: false,
                ariaLabel: `${node.kind} ${node.label}, ${node.calls} calls`,
              },
            ]
          : [];
      }),
    [graph, placed, selected],
  );
  const edges: Edge[] = useMemo(
    () =>
      graph.edges.map((edge) => ({
        id: edge.id,
        source: edge.from,
        target: edge.to,
        markerEnd: {
          type: MarkerType.ArrowClosed,
          width: 14,
          height: 14,
          color: edge.errors ? "var(--status-error)" : "var(--text-quiet)",
        },
        label: `${edge.calls}× · ${duration(edge.p50)}${edge.errors ? ` · ${percent(edge.errors / edge.calls)} failed` : ""}`,
        style: { stroke: edge.errors ? "var(--status-error)" : "var(--text-quiet)", strokeWidth: 1 + Math.min(3, Math.log10(edge.calls)) },
        labelStyle: { fill: edge.errors ? "var(--status-error)" : "var(--text-quiet)", fontSize: 11 },
        labelBgStyle: { fill: "var(--surface-panel)" },
        focusable: false,
      })),
    [graph],
  );
  if (!graph.nodes.length) return <Empty title="No agent, tool or model took part">The tree shows all spans of this trace.</Empty>;
  if (!placed) return <Skeleton rows={8} height={28} />;
  const goThrough = (node: GraphNode) => {
    const row = stepWithin(node.rows, selected, true);
    if (row >= 0) onSelect(row, false);
  };
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      fitView
      fitViewOptions={{ maxZoom: 1.1, padding: 0.12 }}
      minZoom={0.1}
      colorMode={scheme}
      nodesDraggable={false}
      nodesConnectable={false}
      deleteKeyCode={null}
      onNodeClick={(_, { id }) => {
        const node = graph.nodes.find((one) => one.id === id);
        if (node) goThrough(node);
      }}
      aria-label="Agents, tools and models"
    >
      <Panel position="top-left" className={styles.panel ?? ""}>
        <SegmentedControl
          aria-label="Nodes"
          size="xs"
          value={runs ? "runs" : "together"}
          onChange={(value) => onRuns(value === "runs")}
          data={[
            { value: "together", label: "Together" },
            { value: "runs", label: "Each run" },
          ]}
        />
        {graph.left ? <span className="quiet">{`${plural(graph.left, "node")} more are left out`}</span> : null}
      </Panel>
      <Background />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}
