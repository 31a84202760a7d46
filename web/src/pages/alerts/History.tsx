import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { AlertDetail } from "@/data/queries/alerts";
import { visible } from "@/model/evidence-words";
import styles from "./AlertsPage.module.css";

interface Props {
  readonly steps: AlertDetail["history"];
  readonly nowMs: number;
}

/** Every step of an alert's life, the latest first. */
export function History({ steps, nowMs }: Props) {
  return (
    <>
      <h4 className={side.part}>History</h4>
      <ol className={styles.history} aria-label="History">
        {steps.toReversed().map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added, and two may be alike
          <li key={steps.length - at}>
            <When iso={step.time} nowMs={nowMs} />
            <span>
              <b>{step.step}</b>
              {step.who ? <> by {visible(step.who)}</> : null}
              {step.note ? <span className="quiet"> {visible(step.note)}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
