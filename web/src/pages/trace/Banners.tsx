import { IconAlertTriangle, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import type { Trace } from "@/data/queries/traces";
import { plural } from "@/model/format";
import { type Outline, rowsWith, type TraceRows } from "@/model/trace-rows";
import styles from "./Banners.module.css";

interface Props {
  /** Undefined: it comes after the tree. */
  readonly trace: Trace | undefined;
  readonly rows: TraceRows;
  readonly facts: Outline & { readonly roots: number; readonly orphans: number; readonly truncated: boolean };
}

/** What a reader must know before believing the picture: what lacks, what was cut, whose clock is off, what still runs. All of it comes with the tree, so that nothing moves later. */
export function Banners({ trace, rows, facts }: Props) {
  const skewed = clockSkew(rows);
  return (
    <>
      <Following pending={trace ? trace.pending : rowsWith(rows, "pending").length} />
      {facts.orphans ? (
        <Banner>
          {`${plural(facts.orphans, "span has a parent", "spans have parents")} that never came; ${facts.orphans === 1 ? "it stands" : "they stand"} at the top level. The sender may have sampled or lost what is missing.`}
        </Banner>
      ) : null}
      {facts.truncated ? (
        <Banner>{`Only the first ${plural(facts.total, "span")} are shown: the trace has more than a tree holds.`}</Banner>
      ) : null}
      {skewed ? (
        <Banner>{`${plural(skewed, "span starts", "spans start")} before the parent: the clocks of two senders differ. Durations are right, places may not be.`}</Banner>
      ) : null}
    </>
  );
}

/** That the trace still runs. The line stays when it has ended: what is below would jump up under the pointer. */
function Following({ pending }: { readonly pending: number }) {
  const [followed, setFollowed] = useState(false);
  if (pending && !followed) setFollowed(true);
  if (pending)
    return <Banner calm>{`Still running: ${plural(pending, "span has", "spans have")} begun and not ended. This page follows it.`}</Banner>;
  return followed ? <Banner calm>It has ended: no span is open any more.</Banner> : null;
}

function Banner({ calm = false, children }: { readonly calm?: boolean; readonly children: string }) {
  const Icon = calm ? IconPlayerPlay : IconAlertTriangle;
  return (
    <div className={`${styles.banner} ${calm ? styles.calm : ""}`} role="status">
      <Icon size={15} aria-hidden />
      <span>{children}</span>
    </div>
  );
}

const TOLERATED_NS = 1e6; // clocks of one machine differ by less

function clockSkew(rows: TraceRows): number {
  const { start_ns } = rows.outline;
  let found = 0;
  for (let row = 0; row < rows.length; row++) {
    const parent = rows.parent[row] ?? -1;
    if (parent >= 0 && (start_ns[row] ?? 0) < (start_ns[parent] ?? 0) - TOLERATED_NS) found += 1;
  }
  return found;
}
