import type { ReactNode } from "react";
import { useNarrow } from "@/components/useNarrow";
import type { Action, Evidence } from "@/model/evidence";
import { didOf, programOf, visible } from "@/model/evidence-words";
import { duration, fullCount } from "@/model/format";
import styles from "./Findings.module.css";

interface Props {
  readonly evidence: Evidence;
  /** `a:` and an event, `c:` and a call. */
  readonly onItem: (item: string) => void;
  readonly onSpan: (spanId: string) => void;
  /** Lists all of what nothing accounts for. */
  readonly onAll: () => void;
}

const MOST = 5;

/** What a person should look at first: what nothing in the trace accounts for, and claims that nothing was seen of. */
export function Findings({ evidence, onItem, onSpan, onAll }: Props) {
  const { unexplained, untold, unsupported } = evidence;
  if (!unexplained.length && !untold.length && !unsupported.length) return null;
  return (
    <div className={styles.findings}>
      {unexplained.length ? (
        <Finding title={`${number(unexplained.length, "action")} that nothing in the trace accounts for`}>
          {unexplained.slice(0, MOST).map((action) => (
            <li key={action.event_id}>
              <button type="button" className={styles.item} onClick={() => onItem(`a:${action.event_id}`)}>
                <span className={styles.at}>{duration(action.at)}</span>
                <span className={styles.did}>{who(action, evidence)}</span>
                <span className="cut mono" title={visible(action.what)}>
                  {visible(action.what)}
                </span>
              </button>
            </li>
          ))}
          <More of={unexplained.length} onAll={onAll} />
        </Finding>
      ) : null}
      {untold.length ? (
        <Finding title={`${number(untold.length, "model call")} on the wire that no span tells of`}>
          {untold.slice(0, MOST).map((call) => (
            <li key={call.span_id}>
              <button type="button" className={styles.item} onClick={() => onItem(`c:${call.span_id}`)}>
                <span className={styles.at}>{duration(call.at)}</span>
                <span className={styles.did}>{visible(call.model) || "model not told"}</span>
                <span className="cut mono">{visible(call.server)}</span>
              </button>
            </li>
          ))}
          <More of={untold.length} onAll={onAll} />
        </Finding>
      ) : null}
      {unsupported.length ? (
        <Finding title={`${number(unsupported.length, "claim")} without evidence`} amber>
          {unsupported.slice(0, MOST).map((claim) => (
            <li key={claim.span_id}>
              <button type="button" className={styles.item} title={visible(claim.reason)} onClick={() => onSpan(claim.span_id)}>
                <span className={styles.did}>{visible(claim.name)}</span>
                <span className="cut">{visible(claim.reason)}</span>
              </button>
            </li>
          ))}
          <More of={unsupported.length} onAll={onAll} />
        </Finding>
      ) : null}
    </div>
  );
}

function Finding({ title, amber = false, children }: { readonly title: string; readonly amber?: boolean; readonly children: ReactNode }) {
  const narrow = useNarrow(); // there is no room for both these and what they are about
  return (
    <details className={`${styles.finding} ${amber ? styles.amber : ""}`} open={!narrow}>
      <summary>{title}</summary>
      <ul className={styles.list}>{children}</ul>
    </details>
  );
}

function More({ of, onAll }: { readonly of: number; readonly onAll: () => void }) {
  if (of <= MOST) return null;
  return (
    <li>
      <button type="button" className={styles.more} onClick={onAll}>
        Show all {fullCount(of)}
      </button>
    </li>
  );
}

function who(action: Action, evidence: Evidence): string {
  const process = evidence.byId.get(action.process);
  return `${process ? programOf(process.told) : "process"} ${didOf(action.name)}`;
}

function number(value: number, one: string): string {
  return `${fullCount(value)} ${one}${value === 1 ? "" : "s"}`;
}
