/** One cause in full: what is put down to it, who is affected, who has it, and what can be done with all of it at once. */
import { ActionIcon, Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Severity } from "@/components/Severity";
import side from "@/components/side/Side.module.css";
import { type Alert, type AlertCause, useCause } from "@/data/queries/alerts";
import { alertStanding, causeStanding } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { plural } from "@/model/format";
import { type Act, ActDialog } from "./ActDialog";
import styles from "./AlertsPage.module.css";
import { CauseFacts } from "./CauseFacts";
import { SilenceDialog } from "./SilenceDialog";

export function CausePanel({ cause, onClose }: { readonly cause: string; readonly onClose: () => void }) {
  const { project } = useScope();
  const found = useCause(project, cause);
  const told = found.data;
  return (
    <>
      <header className={side.head}>
        <h3 className={`${side.title} cut`}>{visible(cause)}</h3>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close">
          <IconX size={15} />
        </ActionIcon>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className={side.body} tabIndex={0} aria-label="The cause">
        <Failed of={found} />
        {found.isPending ? <p className="quiet">Loading…</p> : null}
        {told === null ? <p className="quiet">No alert is put down to it any more.</p> : null}
        {told ? (
          <>
            <p className={styles.marks}>
              <Severity severity={told.severity} />
              <Health {...causeStanding(told)} />
            </p>
            <Acts cause={told} />
            <CauseFacts cause={told} nowMs={found.dataUpdatedAt} />
            <h4 className={side.part}>Alerts</h4>
            <ul className={styles.members} aria-label="Alerts of this cause">
              {told.alerts.map((alert) => (
                <Member key={alert.id} alert={alert} />
              ))}
            </ul>
            {told.count > told.alerts.length ? <p className="quiet">and {plural(told.count - told.alerts.length, "more alert")}</p> : null}
          </>
        ) : null}
      </section>
    </>
  );
}

function Acts({ cause }: { readonly cause: AlertCause }) {
  const [act, setAct] = useState<Act | "silence" | null>(null);
  const button = (what: Act | "silence", words: string) => (
    <Button variant="default" size="compact-sm" onClick={() => setAct(what)}>
      {words}
    </Button>
  );
  return (
    <div className={styles.acts}>
      {cause.open ? (
        <>
          <Button size="compact-sm" onClick={() => setAct("acknowledge")}>
            {cause.owned === cause.open ? "Take over all" : "Acknowledge all"}
          </Button>
          {cause.owned ? button("release", "Let go of all") : null}
          {button("resolve", "Resolve all")}
        </>
      ) : null}
      {/[*\n]/.test(cause.cause) ? null : button("silence", "Silence")}
      {act === "silence" ? <SilenceDialog matchers={[`cause=${cause.cause}`]} onClose={() => setAct(null)} /> : null}
      {act && act !== "silence" ? <ActDialog on={{ cause: cause.cause }} act={act} onClose={() => setAct(null)} /> : null}
    </div>
  );
}

function Member({ alert }: { readonly alert: Alert }) {
  return (
    <li>
      <Link to="." search={(before: object) => ({ ...before, alert: alert.id }) as never} className={side.link}>
        {visible(alert.title)}
      </Link>
      <span className={styles.marks}>
        <Severity severity={alert.severity} />
        <Health {...alertStanding(alert)} />
      </span>
      <span className="quiet">{visible(alert.summary)}</span>
    </li>
  );
}
