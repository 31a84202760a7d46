import { Bar } from "@/components/Bar";
import type { Flow } from "@/data/queries/flow";
import { visible } from "@/model/evidence-words";
import { count, fullCount, percent } from "@/model/format";
import { byStep, changeColour, changeWord, type Edge } from "@/model/ways";
import styles from "./FlowPage.module.css";

/** What follows each step, likeliest first: for phones, and whoever would rather read. */
export function FollowList({ flow }: { readonly flow: Flow }) {
  return (
    <div className={styles.steps}>
      {byStep(flow).map(({ id, label, next }) => (
        <section key={id} className={styles.step} data-alone={flow.against === null} aria-label={label}>
          <h3 className="cut" title={label}>
            {label}
          </h3>
          <ul>
            {next.map((edge) => (
              <Following key={edge.to} edge={edge} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Following({ edge }: { readonly edge: Edge }) {
  return (
    <li className={styles.follows}>
      <span className={`${styles.to} cut`} title={visible(edge.to)}>
        {edge.to ? visible(edge.to) : "the end"}
      </span>
      <Bar share={edge.chance} />
      <span className="numbers" title={`of ${fullCount(edge.count)} times`}>
        {edge.count ? percent(edge.chance) : "never"}
      </span>
      <span className="quiet numbers" title={`${fullCount(edge.runs)} runs`}>
        {count(edge.count)}×
      </span>
      {edge.change && edge.change.kind !== "unsure" ? (
        <span className={styles.changed} style={{ color: changeColour(edge.change) }}>
          {changeWord(edge.change)}
        </span>
      ) : null}
    </li>
  );
}
