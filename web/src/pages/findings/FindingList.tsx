import { type ReactNode, useCallback, useRef } from "react";
import { useNow } from "@/components/useNow";
import { useRowWalk } from "@/components/useRowWalk";
import type { Finding } from "@/data/queries/findings";
import type { Group } from "@/model/findings";
import { plural } from "@/model/format";
import { FindingRow } from "./FindingRow";
import styles from "./FindingsPage.module.css";

interface Props {
  readonly groups: readonly Group<Finding>[];
  /** Fingerprint of the open one; empty: none. */
  readonly chosen: string;
  readonly looked: string;
  readonly stale: boolean;
  /** Above the groups; it scrolls with them. */
  readonly head?: ReactNode;
}

/** Findings in their groups; j and k, arrows and Home walk over all of them, Enter opens one. */
export function FindingList({ groups, chosen, looked, stale, head = null }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = groups.reduce((sum, group) => sum + group.findings.length, 0);
  const show = useCallback((at: number) => scroller.current?.querySelector(`[data-row="${at}"]`)?.scrollIntoView({ block: "nearest" }), []);
  const walk = useRowWalk(scroller, rows, show);
  const nowMs = useNow(true, 0);
  let at = -1;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the links inside, which are what has the focus
    <div className={styles.list} ref={scroller} onKeyDown={walk.onKeyDown} style={{ opacity: stale ? 0.6 : 1 }} aria-busy={stale}>
      {head}
      {groups.map((group) => (
        <section key={group.id} aria-label={group.label || "Findings"}>
          {group.label ? (
            <header className={styles.head}>
              <h2 className="cut">{group.label}</h2>
              <span className={`${styles.note} quiet`}>
                {[group.note, group.agents > 1 ? plural(group.agents, "agent") : "", plural(group.findings.length, "finding")]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </header>
          ) : null}
          <ul className={styles.rows}>
            {group.findings.map((finding) => {
              at += 1;
              const place = at;
              return (
                <FindingRow
                  key={finding.fingerprint}
                  finding={finding}
                  at={place}
                  reached={place === walk.at}
                  open={finding.fingerprint === chosen}
                  fresh={finding.last_seen > looked}
                  nowMs={nowMs}
                  onFocus={() => walk.set(place)}
                />
              );
            })}
          </ul>
        </section>
      ))}
    </div>
  );
}
