import { IconCheck, IconChevronRight, IconMinus } from "@tabler/icons-react";
import { useState } from "react";
import type { Facet } from "@/model/facets";
import { count, fullCount, plural } from "@/model/format";
import styles from "./FacetPanel.module.css";

interface Props {
  readonly facet: Facet;
  readonly unit: string;
  readonly onToggle: (value: string, not: boolean) => void;
}

const FEW = 6;

/** One field: its most frequent values first, more on demand. */
export function FacetGroup({ facet, unit, onToggle }: Props) {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...facet.values.map((one) => one.count));
  const shown = all ? facet.values : facet.values.filter((one, at) => at < FEW || one.state !== "free");
  return (
    <details open className={styles.group}>
      <summary className={styles.title}>
        <IconChevronRight size={12} aria-hidden className={styles.arrow} />
        {facet.label}
      </summary>
      <ul className={styles.values} aria-label={facet.label}>
        {shown.map((one) => (
          <li key={one.value} className={styles.value} data-state={one.state}>
            <button
              type="button"
              className={styles.only}
              aria-pressed={one.state === "only"}
              onClick={() => onToggle(one.value, one.state === "not")}
              title={`${one.value}: ${plural(one.count, unit)}, ${fullCount(one.errors)} failed`}
            >
              <span className={styles.bar} style={{ width: `${(one.count / most) * 100}%` }} aria-hidden />
              <span className={styles.mark} aria-hidden>
                {one.state === "only" ? <IconCheck size={12} /> : one.state === "not" ? <IconMinus size={12} /> : null}
              </span>
              <span className={`${styles.name} cut`}>{one.value}</span>
              {one.errors ? (
                <span className={styles.errors}>
                  {count(one.errors)}
                  <span className="hidden">{one.errors === one.count ? " failed" : " failed of "}</span>
                </span>
              ) : null}
              {one.errors === one.count ? null : <span className={`${styles.count} numbers`}>{count(one.count)}</span>}
            </button>
            <button
              type="button"
              className={styles.not}
              aria-pressed={one.state === "not"}
              aria-label={`Without ${one.value}`}
              title={`Without ${one.value}`}
              onClick={() => onToggle(one.value, true)}
            >
              <IconMinus size={12} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {facet.values.length > FEW ? (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `${facet.values.length - FEW} more`}
        </button>
      ) : null}
    </details>
  );
}
