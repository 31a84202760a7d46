import { useRef } from "react";
import { KindIcon } from "@/components/KindIcon";
import { useRowWalk } from "@/components/useRowWalk";
import type { AgentGraph, GraphNode } from "@/model/agent-graph";
import { count, money, plural } from "@/model/format";
import { callsText, type GraphLine, graphLines } from "@/model/graph-list";
import styles from "./GraphView.module.css";

interface Props {
  readonly graph: AgentGraph;
  readonly selected: number;
  readonly onOpen: (node: GraphNode) => void;
}

const INDENT_PX = 16;
const MOST_LEVELS = 8; // deeper ones are not set in further: names must stay in sight
const INTO_VIEW = { block: "nearest" } as const;

/** The graph of calls as lines, each callee below its caller: for phones, keyboards, and whoever would rather read. */
export function GraphList({ graph, selected, onOpen }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const lines = graphLines(graph);
  const walk = useRowWalk(list, lines.length, (at) => list.current?.children[at]?.scrollIntoView(INTO_VIEW));
  return (
    <ol ref={list} className={styles.list} aria-label="Agents, tools and models" onKeyDown={walk.onKeyDown}>
      {lines.map((line, at) => (
        <li key={line.key}>
          <button
            type="button"
            data-row={at}
            className={styles.line}
            style={{ paddingLeft: 12 + Math.min(line.level, MOST_LEVELS) * INDENT_PX }}
            aria-current={line.node.rows.includes(selected) ? "true" : undefined}
            onFocus={() => walk.set(at)}
            onClick={() => onOpen(line.node)}
          >
            <KindIcon kind={line.node.kind} size={15} />
            <span className={`${styles.label} cut`} title={line.node.label}>
              {line.node.label}
            </span>
            <Figures line={line} />
          </button>
        </li>
      ))}
    </ol>
  );
}

function Figures({ line: { node, edge, again } }: { readonly line: GraphLine }) {
  const { errors } = edge ?? node;
  return (
    <span className={styles.figures}>
      <span className={errors ? styles.wrong : undefined}>{callsText(edge ?? node)}</span>
      {again ? <span title={`${plural(node.calls, "call")} in all`}>told above</span> : null}
      {again || !node.tokens ? null : <span>{count(node.tokens)} tok</span>}
      {again || !node.cost ? null : <span>{money(node.cost)}</span>}
    </span>
  );
}
