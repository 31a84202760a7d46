/** One alert in full: what it is, who has it, what can be done, and every step of its life. */
import { ActionIcon, Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Severity } from "@/components/Severity";
import side from "@/components/side/Side.module.css";
import { type AlertDetail, useAlert } from "@/data/queries/alerts";
import { alertStanding, matchersOf } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { type Act, ActDialog } from "./ActDialog";
import { AlertFacts } from "./AlertFacts";
import styles from "./AlertsPage.module.css";
import { History } from "./History";
import { SilenceDialog } from "./SilenceDialog";

export function AlertPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { project } = useScope();
  const found = useAlert(project, id);
  const alert = found.data;
  return (
    <>
      <header className={side.head}>
        <h3 className={`${side.title} cut`}>{alert ? visible(alert.title) : "Alert"}</h3>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close">
          <IconX size={15} />
        </ActionIcon>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className={side.body} tabIndex={0} aria-label="The alert">
        <Failed of={found} />
        {found.isPending ? <p className="quiet">Loading…</p> : null}
        {alert ? (
          <>
            <p className={styles.summary}>{visible(alert.summary)}</p>
            <p className={styles.marks}>
              <Severity severity={alert.severity} />
              <Health {...alertStanding(alert)} />
            </p>
            <Acts alert={alert} />
            <AlertFacts alert={alert} nowMs={found.dataUpdatedAt} />
            <History steps={alert.history} nowMs={found.dataUpdatedAt} />
          </>
        ) : null}
      </section>
    </>
  );
}

function Acts({ alert }: { readonly alert: AlertDetail }) {
  const [act, setAct] = useState<Act | "silence" | null>(null);
  const over = alert.state === "resolved";
  const button = (what: Act | "silence", words: string) => (
    <Button variant="default" size="compact-sm" onClick={() => setAct(what)}>
      {words}
    </Button>
  );
  return (
    <div className={styles.acts}>
      {over ? null : (
        <>
          <Button size="compact-sm" onClick={() => setAct("acknowledge")}>
            {alert.owner ? "Take over" : "Acknowledge"}
          </Button>
          {alert.owner ? button("release", "Let go") : null}
          {button("resolve", "Resolve")}
          {button("silence", "Silence")}
        </>
      )}
      {button("notes", "Note")}
      {act === "silence" ? <SilenceDialog matchers={matchersOf(alert.rule, alert.labels)} onClose={() => setAct(null)} /> : null}
      {act && act !== "silence" ? <ActDialog on={{ id: alert.id }} act={act} onClose={() => setAct(null)} /> : null}
    </div>
  );
}
