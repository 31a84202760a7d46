import { Link } from "@tanstack/react-router";
import { BandChart } from "@/components/BandChart";
import { Severity } from "@/components/Severity";
import type { Finding } from "@/data/queries/findings";
import { bandWords } from "@/model/band";
import { visible } from "@/model/evidence-words";
import { ago, count, fullCount, utc } from "@/model/format";
import { mitigationWord } from "@/model/security";
import styles from "./FindingsPage.module.css";

interface Props {
  readonly finding: Finding;
  readonly at: number;
  readonly reached: boolean;
  readonly open: boolean;
  /** It was found since somebody looked. */
  readonly fresh: boolean;
  readonly nowMs: number;
  readonly onFocus: () => void;
}

const LONGEST = 400;

/** A finding: how bad, the sentence, what was measured against what was expected, how often and when. */
export function FindingRow({ finding, at, reached, open, fresh, nowMs, onFocus }: Props) {
  const title = visible(finding.title).slice(0, LONGEST);
  return (
    <li className={styles.row} data-open={open} data-measured={finding.observed !== null}>
      <Link
        to="."
        search={(before: object) => ({ ...before, finding: open ? undefined : finding.fingerprint }) as never}
        className={styles.link}
        aria-label={`${fresh ? "new, " : ""}${finding.mitigated ? `${mitigationWord(finding)}, ` : ""}${finding.severity}: ${title}`}
        aria-current={open ? "true" : undefined}
        data-row={at}
        tabIndex={reached ? 0 : -1}
        onFocus={onFocus}
      />
      <span className={styles.severity}>
        <Severity severity={finding.severity} />
        {fresh ? <span className={styles.fresh}>new</span> : null}
        {finding.mitigated ? (
          <span className={styles.mitigated} data-again={finding.mitigated.again}>
            {mitigationWord(finding)}
          </span>
        ) : null}
      </span>
      <span className={styles.said} title={title}>
        {title}
      </span>
      <span className={styles.band}>
        <BandChart observed={finding.observed} expected={finding.expected} unit={finding.unit} />
        <span className={`${styles.figures} quiet numbers cut`}>{bandWords(finding.observed, finding.expected, finding.unit)}</span>
      </span>
      <span className={`${styles.seen} numbers`}>
        <span title={`last seen ${utc(finding.last_seen)}`}>{ago(finding.last_seen, nowMs)}</span>
        <span className="quiet" title={`told ${fullCount(finding.count)} times; first seen ${utc(finding.first_seen)}`}>
          {finding.count > 1 ? `${count(finding.count)}× since ${ago(finding.first_seen, nowMs)}` : "once"}
        </span>
      </span>
    </li>
  );
}
