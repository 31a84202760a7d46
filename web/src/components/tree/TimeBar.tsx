import { barPlace, type Stretch } from "@/model/waterfall";
import styles from "./Tree.module.css";

interface Props {
  readonly at: number;
  readonly took: number;
  readonly sight: Stretch;
  readonly title: string;
  readonly className?: string | undefined;
  readonly colour?: string | undefined;
}

/** Something in time, as a bar; nothing where it is out of sight. */
export function TimeBar({ at, took, sight, title, className = "", colour }: Props) {
  const place = barPlace(at, took, sight);
  const colours = colour ? { backgroundColor: colour } : {};
  return (
    <div className={styles.time} title={title}>
      {place ? (
        <div
          className={`${styles.bar} ${className}`}
          style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%`, ...colours }}
        />
      ) : null}
    </div>
  );
}
