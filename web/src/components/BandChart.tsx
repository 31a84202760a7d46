import { bandOf, bandWords } from "@/model/band";
import styles from "./BandChart.module.css";

interface Props {
  readonly observed: number | null | undefined;
  readonly expected: readonly number[] | null | undefined;
  readonly unit: string;
  readonly large?: boolean;
}

/** What was measured, as a point, against the band that was expected; the figures on hover. Nothing where one of both is not known. */
export function BandChart({ observed, expected, unit, large = false }: Props) {
  const band = bandOf(observed, expected);
  if (!band) return null;
  const words = bandWords(observed, expected, unit);
  return (
    <span className={`${styles.band} ${large ? styles.large : ""}`} role="img" aria-label={words} title={words}>
      <span className={styles.axis} />
      <span className={styles.expected} style={{ left: `${band.low}%`, width: `${band.high - band.low}%` }} />
      <span className={styles.observed} data-outside={band.outside} style={{ left: `${band.at}%` }} />
    </span>
  );
}
