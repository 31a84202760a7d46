/** One finding in full: the sentence, what was measured against what was expected, what to do, the rows that show it, what contributed, and each time that it was told. */
import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useScope } from "@/app/scope";
import { BandChart } from "@/components/BandChart";
import { Failed } from "@/components/Failed";
import { Severity } from "@/components/Severity";
import side from "@/components/side/Side.module.css";
import { type Finding, useFindingTimes } from "@/data/queries/findings";
import { useFinding } from "@/data/queries/security";
import { bandWords } from "@/model/band";
import { visible } from "@/model/evidence-words";
import { headline } from "@/model/findings";
import { Chain } from "./Chain";
import { Contributions } from "./Contributions";
import { Facts } from "./Facts";
import styles from "./FindingsPage.module.css";
import { Mitigation } from "./Mitigation";
import { Times } from "./Times";

interface Props {
  readonly fingerprint: string;
  /** Undefined: a filter leaves it out, or it was not found in this time. */
  readonly listed: Finding | undefined;
  readonly onClose: () => void;
}

export function FindingPanel({ fingerprint, listed, onClose }: Props) {
  const scope = useScope();
  const times = useFindingTimes(scope, fingerprint);
  const whole = useFinding(scope.project, fingerprint);
  const finding = listed ?? whole.data;
  const told = times.data?.items ?? [];
  const attributes = told[0]?.attributes ?? {};
  return (
    <>
      <header className={side.head}>
        <h3 className={`${side.title} cut`}>{finding ? headline(finding.rule) : "Finding"}</h3>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close">
          <IconX size={15} />
        </ActionIcon>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className={side.body} tabIndex={0} aria-label="What was found">
        {finding ? (
          <>
            <p className={styles.sentence}>{visible(finding.title)}</p>
            <p className={styles.marks}>
              <Severity severity={finding.severity} />
            </p>
            {finding.observed === null ? null : (
              <div className={styles.measured}>
                <BandChart observed={finding.observed} expected={finding.expected} unit={finding.unit} large />
                <span className="quiet numbers">{bandWords(finding.observed, finding.expected, finding.unit)}</span>
              </div>
            )}
            {finding.suggestion ? <p className={styles.do}>{visible(finding.suggestion)}</p> : null}
            {whole.data ? <Mitigation finding={whole.data} /> : null}
            <Failed of={whole} />
            <Chain rows={whole.data?.chain ?? []} />
            <h4 className={side.part}>Facts</h4>
            <Facts finding={finding} attributes={attributes} />
          </>
        ) : whole.isPending ? (
          <p className="quiet">Loading…</p>
        ) : (
          <Failed of={whole} />
        )}
        <Contributions attributes={attributes} />
        <Failed of={times} />
        {told.length ? (
          <Times fingerprint={fingerprint} events={told} unit={finding?.unit ?? ""} more={Boolean(times.data?.next_cursor)} />
        ) : null}
      </section>
    </>
  );
}
