import { Button } from "@mantine/core";
import { useState } from "react";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { FindingDetail, FindingWish } from "@/data/queries/security";
import { visible } from "@/model/evidence-words";
import { verdictWords } from "@/model/findings";
import { isOpen } from "@/model/security";
import styles from "./FindingsPage.module.css";
import { MitigateDialog } from "./MitigateDialog";

const DID: Readonly<Record<string, string>> = {
  mitigate: "mitigated",
  reopen: "reopened",
  useful: "called useful",
  noise: "called noise",
  forget: "verdict forgotten",
};

/** What people did about a finding, and what they can do. */
export function Mitigation({ finding }: { readonly finding: FindingDetail }) {
  const [act, setAct] = useState<FindingWish["do"] | null>(null);
  const { mitigated, history, verdict } = finding;
  const nowMs = Date.now();
  return (
    <>
      <div className={styles.acts}>
        {isOpen(finding) ? (
          <Button size="compact-sm" onClick={() => setAct("mitigate")}>
            Mitigate …
          </Button>
        ) : null}
        {mitigated ? (
          <Button size="compact-sm" variant="default" onClick={() => setAct("reopen")}>
            Take back …
          </Button>
        ) : null}
        <Button size="compact-sm" variant="default" onClick={() => setAct("useful")}>
          Useful …
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setAct("noise")}>
          Noise …
        </Button>
        {verdict ? (
          <Button size="compact-sm" variant="subtle" onClick={() => setAct("none")}>
            Forget the verdict …
          </Button>
        ) : null}
        {mitigated?.again ? <span className={styles.again}>It was found again after somebody had done something about it.</span> : null}
      </div>
      {verdict ? <p className="quiet">{verdictWords(verdict)}</p> : null}
      {history.length ? (
        <>
          <h4 className={side.part}>What was done</h4>
          <ol className={styles.history} aria-label="What was done">
            {history.toReversed().map((step, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added, and two may be alike
              <li key={history.length - at}>
                <When iso={step.time} nowMs={nowMs} />
                <span>
                  <b>{DID[step.action] ?? step.action}</b>
                  {step.who ? <> by {visible(step.who)}</> : null}
                  {step.note ? <span className="quiet"> {visible(step.note)}</span> : null}
                </span>
              </li>
            ))}
          </ol>
        </>
      ) : null}
      {act ? <MitigateDialog fingerprint={finding.fingerprint} act={act} onClose={() => setAct(null)} /> : null}
    </>
  );
}
