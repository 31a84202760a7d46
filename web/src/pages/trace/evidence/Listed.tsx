import { useCallback, useMemo, useState } from "react";
import { Empty } from "@/components/Empty";
import { ActionTable } from "@/components/evidence/ActionTable";
import { CallTable } from "@/components/evidence/CallTable";
import { EvidenceTree } from "@/components/evidence/EvidenceTree";
import { GroupTable } from "@/components/evidence/GroupTable";
import { Legend } from "@/components/evidence/Legend";
import type { Evidence } from "@/model/evidence";
import { causedBySpan, type EvidenceRow, evidenceRows, evidenceTree, filters } from "@/model/evidence-rows";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import type { EvidenceAddress } from "./useEvidenceAddress";
import type { Listed as Lists } from "./useListed";

interface Props {
  readonly evidence: Evidence;
  readonly trace: TraceRows;
  readonly listed: Lists;
  readonly address: EvidenceAddress;
  readonly span: string | undefined;
  readonly sight: Stretch;
  readonly spanName: (spanId: string) => string;
  readonly onSight: (sight: Stretch) => void;
  readonly onSpan: (span: string, walking?: boolean) => void;
}

const NONE = {
  actions: "No actions",
  files: "No files",
  hosts: "No hosts",
  calls: "No model calls on the wire",
} as const;

/** The list that the address asks for. */
export function Listed(props: Props) {
  const { evidence, listed, spanName } = props;
  const list = props.address.list ?? "time";
  if (list === "time") return <Waterfall {...props} />;
  if (!listed.counts[list]) return <Nothing title={NONE[list]} filtered={filters(listed.filter)} />;
  if (list === "actions") return <ActionTable evidence={evidence} spanName={spanName} actions={listed.actions} />;
  if (list === "files") return <GroupTable evidence={evidence} spanName={spanName} groups={listed.files} of="file" />;
  if (list === "hosts") return <GroupTable evidence={evidence} spanName={spanName} groups={listed.hosts} of="host" />;
  return <CallTable spanName={spanName} calls={listed.calls} />;
}

function Nothing({ title, filtered }: { readonly title: string; readonly filtered: boolean }) {
  return <Empty title={title}>{filtered ? "The filters above leave nothing." : "Nothing of that was seen while the trace ran."}</Empty>;
}

const OPEN: ReadonlySet<string> = new Set();

function Waterfall({ evidence, trace, listed, address, span, sight, onSight, onSpan }: Props) {
  const { choose } = address;
  const [folded, setFolded] = useState(OPEN);
  const tree = useMemo(() => evidenceTree(evidence, trace), [evidence, trace]);
  const caused = useMemo(() => causedBySpan(evidence), [evidence]);
  const rows = useMemo(() => evidenceRows(tree, listed.filter, folded), [tree, listed.filter, folded]);
  const select = useCallback(
    ({ node }: EvidenceRow, walking: boolean) => (node.type === "span" ? onSpan(node.spanId, walking) : choose(node.id, walking)),
    [onSpan, choose],
  );
  const fold = useCallback((id: string, close?: boolean) => {
    setFolded((before) => {
      const next = new Set(before);
      if (close ?? !before.has(id)) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  if (!rows.length) return <Nothing title="No processes" filtered={filters(listed.filter)} />;
  return (
    <>
      <EvidenceTree
        trace={trace}
        rows={rows}
        caused={caused}
        sorts={listed.filter.sorts}
        selected={span ? `s:${span}` : (processOf(evidence, address.item) ?? null)}
        sight={sight}
        onSight={onSight}
        onSelect={select}
        onFold={fold}
      />
      <Legend />
    </>
  );
}

/** The line of what is chosen: an action stands on that of its process. */
function processOf(evidence: Evidence, item: string | undefined): string | undefined {
  if (!item?.startsWith("a:")) return item;
  const action = evidence.actions.find((one) => one.event_id === item.slice(2));
  return action ? `p:${action.process}` : undefined;
}
