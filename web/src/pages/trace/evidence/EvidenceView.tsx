/** What was seen on the machine while the trace ran, beside what its spans tell. */
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { useKeys } from "@/app/keys";
import { Filters } from "@/components/evidence/Filters";
import { Findings } from "@/components/evidence/Findings";
import { ItemPanel } from "@/components/evidence/ItemPanel";
import { NobodyWatched } from "@/components/evidence/NobodyWatched";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { Side } from "@/components/side/Side";
import { useEvidence } from "@/data/queries/evidence";
import type { Evidence } from "@/model/evidence";
import { itemOf } from "@/model/evidence-item";
import { visible } from "@/model/evidence-words";
import { fullCount, plural } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import styles from "./EvidenceView.module.css";
import { Listed } from "./Listed";
import { useEvidenceAddress } from "./useEvidenceAddress";
import { useListed } from "./useListed";

export interface Props {
  readonly project: string;
  readonly traceId: string;
  readonly trace: TraceRows;
  /** The chosen span. */
  readonly span: string | undefined;
  readonly sight: Stretch;
  readonly panel: number;
  readonly onSight: (sight: Stretch) => void;
  readonly onSelect: (span: string | null, walking?: boolean) => void;
  readonly onPanel: (px: number) => void;
}

const WALK_MS = 120; // while keys walk, the panel waits for a rest

export function EvidenceView(props: Props) {
  const { project, traceId, trace } = props;
  const following = trace.any("pending");
  const answer = useEvidence(project, traceId, trace.outline.begin, { following });
  if (answer.error && !answer.data) return <Failed of={answer} />;
  if (!answer.data) return <Skeleton rows={12} height={28} />;
  if (!answer.data.watches.length) return <NobodyWatched />;
  return <Watched {...props} evidence={answer.data} />;
}

function Watched({ evidence, traceId, trace, span, sight, panel, onSight, onSelect, onPanel }: Props & { readonly evidence: Evidence }) {
  const address = useEvidenceAddress();
  const { change, choose } = address;
  const listed = useListed(evidence, address);
  const [shown] = useDebouncedValue(address.item, WALK_MS);
  const found = useMemo(() => itemOf(evidence, shown), [evidence, shown]);
  const item = address.item ? found : null;
  const spanName = (id: string) => trace.text(trace.rowOf(id), "name") || `span ${id}`;
  const unexplained = () => change({ only: address.only ? undefined : "unexplained" });
  useKeys([
    { keys: "u", label: "Unexplained only", group: "Evidence", run: unexplained },
    ...(item && !span ? [{ keys: "Escape", label: "Close what is chosen", group: "Evidence", run: () => choose(null) }] : []),
  ]);
  return (
    <div className={styles.view}>
      <div className={styles.main}>
        <Watches evidence={evidence} />
        <Findings
          evidence={evidence}
          onItem={choose}
          onSpan={onSelect}
          onAll={() => change({ only: "unexplained", list: undefined, process: undefined, sorts: undefined })}
        />
        <Filters evidence={evidence} search={address} counts={listed.counts} onChange={change} />
        <Listed
          evidence={evidence}
          trace={trace}
          listed={listed}
          address={address}
          span={span}
          sight={sight}
          spanName={spanName}
          onSight={onSight}
          onSpan={onSelect}
        />
      </div>
      {item && !span ? (
        <Side label="Evidence" width={panel} onWidth={onPanel} onClose={() => choose(null)}>
          <ItemPanel
            evidence={evidence}
            item={item}
            traceId={traceId}
            spanName={spanName}
            onSpan={onSelect}
            onItem={choose}
            onActions={(process) => change({ list: "actions", process, sorts: undefined, only: undefined })}
            onClose={() => choose(null)}
          />
        </Side>
      ) : null}
    </div>
  );
}

/** Who was looking, and at what. */
function Watches({ evidence }: { readonly evidence: Evidence }) {
  const { watches, processes, actions, truncated } = evidence;
  const calls = watches.some((watch) => watch.calls);
  const who = watches.length === 1 ? `watch ${visible(watches[0]?.watch ?? "")}` : plural(watches.length, "watch", "watches");
  return (
    <p className={styles.watch}>
      Seen by {who}: {fullCount(processes.length)} {processes.length === 1 ? "process" : "processes"}, {fullCount(actions.length)} actions.{" "}
      {calls ? "Connections were read in plaintext." : "Connections were not read in plaintext, so model calls are only claimed."}
      {truncated ? <span className={styles.cut}> There was more: only the first 50,000 actions are looked at.</span> : null}
    </p>
  );
}
