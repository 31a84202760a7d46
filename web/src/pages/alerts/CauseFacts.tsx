import { Link } from "@tanstack/react-router";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { AlertCause } from "@/data/queries/alerts";
import { visible } from "@/model/evidence-words";
import { fullCount } from "@/model/format";
import styles from "./AlertsPage.module.css";

/** How many alerts a cause has, which agents they are about, since when and until when. */
export function CauseFacts({ cause, nowMs }: { readonly cause: AlertCause; readonly nowMs: number }) {
  return (
    <dl className={side.facts}>
      <dt>Alerts</dt>
      <dd>
        {fullCount(cause.count)} <span className="quiet">{fullCount(cause.open)} go on</span>
      </dd>
      {cause.agents ? (
        <>
          <dt>{cause.agents === 1 ? "Agent" : "Agents"}</dt>
          <dd>
            <ul className={styles.names}>
              {cause.affected.map((agent) => (
                <li key={agent}>
                  <Link to="/agents/$agent" params={{ agent }} className={side.link}>
                    {visible(agent)}
                  </Link>
                </li>
              ))}
              {cause.agents > cause.affected.length ? <li className="quiet">and {cause.agents - cause.affected.length} more</li> : null}
            </ul>
          </dd>
        </>
      ) : null}
      <dt>First seen</dt>
      <dd>
        <When iso={cause.first} nowMs={nowMs} />
      </dd>
      <dt>Last true</dt>
      <dd>
        <When iso={cause.last} nowMs={nowMs} />
      </dd>
    </dl>
  );
}
