/** Who calls whom in this trace: agents, tools and models, each once or by the runs of agents, with what their calls came to; drawn, or as a list. */
import { SegmentedControl } from "@mantine/core";
import { useMemo } from "react";
import { useKeys } from "@/app/keys";
import { Empty } from "@/components/Empty";
import { useNarrow } from "@/components/useNarrow";
import { agentGraph, type GraphNode } from "@/model/agent-graph";
import { plural } from "@/model/format";
import { stepWithin, type TraceRows } from "@/model/trace-rows";
import type { GraphForm } from "@/model/trace-search";
import { GraphList } from "./GraphList";
import { GraphMap } from "./GraphMap";
import styles from "./GraphView.module.css";

interface Props {
  readonly trace: TraceRows;
  readonly selected: number;
  /** A node for each run of an agent. */
  readonly runs: boolean;
  /** Left out: drawn where there is room. */
  readonly form: GraphForm | undefined;
  readonly onRuns: (runs: boolean) => void;
  readonly onForm: (form: GraphForm) => void;
  readonly onSelect: (row: number, walking: boolean) => void;
}

export function GraphView({ trace, selected, runs, form, onRuns, onForm, onSelect }: Props) {
  const graph = useMemo(() => agentGraph(trace, runs), [trace, runs]);
  const narrow = useNarrow();
  const shown = form ?? (narrow ? "list" : "map");
  useKeys([{ keys: "v", label: "Graph drawn, or as a list", group: "Trace", run: () => onForm(shown === "map" ? "list" : "map") }]);
  if (!graph.nodes.length) return <Empty title="No agent, tool or model took part">The tree shows all spans of this trace.</Empty>;
  const goThrough = (node: GraphNode) => {
    const row = stepWithin(node.rows, selected, true);
    if (row >= 0) onSelect(row, false);
  };
  return (
    <div className={styles.view}>
      <div className={styles.choices}>
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
        <SegmentedControl
          aria-label="Form"
          size="xs"
          value={shown}
          onChange={(value) => onForm(value as GraphForm)}
          data={[
            { value: "map", label: "Drawn" },
            { value: "list", label: "List" },
          ]}
        />
        {graph.left ? <span className="quiet">{`${plural(graph.left, "node")} more are left out`}</span> : null}
      </div>
      {shown === "map" ? (
        <GraphMap graph={graph} sort={runs ? "runs" : "agents"} selected={selected} onOpen={goThrough} />
      ) : (
        <GraphList graph={graph} selected={selected} onOpen={goThrough} />
      )}
    </div>
  );
}
