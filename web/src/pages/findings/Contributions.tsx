import side from "@/components/side/Side.module.css";
import { featuresOf } from "@/model/finding-details";
import { percent } from "@/model/format";
import styles from "./FindingsPage.module.css";

/** What contributed to the finding, each with its share. */
export function Contributions({ attributes }: { readonly attributes: Readonly<Record<string, unknown>> }) {
  const features = featuresOf(attributes);
  if (!features.length) return null;
  const most = Math.max(...features.map(({ share }) => Math.abs(share)), Number.MIN_VALUE);
  return (
    <>
      <h4 className={side.part}>What contributed</h4>
      <ul className={styles.features} aria-label="What contributed">
        {features.map(({ name, share }) => (
          <li key={name}>
            <span className="cut" title={name}>
              {name}
            </span>
            <span>
              <span className={styles.bar} style={{ display: "block", width: `${(Math.abs(share) / most) * 100}%` }} />
            </span>
            <span className="numbers" style={{ textAlign: "right" }}>
              {percent(share)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
