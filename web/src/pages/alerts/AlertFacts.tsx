import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { Alert } from "@/data/queries/alerts";
import { isWebLink } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { words } from "@/model/findings";
import { fullCount, plural } from "@/model/format";

/** What is known of an alert: rule, labels, figure, times, owner, and what helps. */
export function AlertFacts({ alert, nowMs }: { readonly alert: Alert; readonly nowMs: number }) {
  const { agent, rule: _, severity: __, project: ___, ...labels } = alert.labels;
  return (
    <dl className={side.facts}>
      <Fact name="Rule">
        <Link to="/alerts/rule" search={{ name: alert.rule } as never} className={side.link}>
          {alert.rule}
        </Link>
      </Fact>
      {agent ? (
        <Fact name="Agent">
          <Link to="/agents/$agent" params={{ agent }} className={side.link}>
            {visible(agent)}
          </Link>
        </Fact>
      ) : null}
      {Object.entries(labels).map(([name, value]) => (
        <Fact key={name} name={visible(name)}>
          {visible(value)}
        </Fact>
      ))}
      {alert.value === null ? null : <Fact name="Figure">{fullCount(alert.value)}</Fact>}
      <Fact name={alert.fired ? "Fired" : "Began"}>
        <When iso={alert.fired ?? alert.started} nowMs={nowMs} />
      </Fact>
      <Fact name="Last true">
        <When iso={alert.last_true} nowMs={nowMs} /> <span className="quiet">{plural(alert.count, "time")}</span>
      </Fact>
      {alert.resolved ? (
        <Fact name="Resolved">
          <When iso={alert.resolved} nowMs={nowMs} />
        </Fact>
      ) : null}
      {alert.flaps ? <Fact name="Came back">{plural(alert.flaps, "time")}</Fact> : null}
      {alert.owner ? (
        <Fact name="Owner">
          {visible(alert.owner)} {alert.note ? <span className="quiet">{visible(alert.note)}</span> : null}
        </Fact>
      ) : null}
      {alert.snoozed_until ? (
        <Fact name="Snoozed until">
          <When iso={alert.snoozed_until} nowMs={nowMs} />
        </Fact>
      ) : null}
      {alert.snoozed_version ? (
        <Fact name="Snoozed">until its agent is at another version than {visible(alert.snoozed_version)}</Fact>
      ) : null}
      {Object.entries(alert.annotations).map(([name, value]) => (
        <Fact key={name} name={words(name)}>
          {isWebLink(value) ? (
            <a href={value} target="_blank" rel="noopener noreferrer" className={side.link}>
              {visible(value)}
            </a>
          ) : (
            visible(value)
          )}
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt style={{ overflowWrap: "anywhere" }}>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
