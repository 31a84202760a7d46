import { fullCount } from "@/model/format";
import styles from "./BarList.module.css";

interface Props {
  readonly label: string;
  readonly items: readonly { readonly label: string; readonly value: number }[];
  readonly format: (value: number) => string;
}

/** Figures beside each other as bars, with their names. */
export function BarList({ label, items, format }: Props) {
  const most = items.reduce((top, item) => Math.max(top, Math.abs(item.value)), 0) || 1;
  return (
    <ul className={styles.list} aria-label={label}>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: labels may be the same
        <li key={at}>
          <span className="cut" title={item.label}>
            {item.label}
          </span>
          <span className={styles.track} aria-hidden>
            <span style={{ width: `${(Math.abs(item.value) / most) * 100}%` }} />
          </span>
          <span className="numbers" title={fullCount(item.value)}>
            {format(item.value)}
          </span>
        </li>
      ))}
    </ul>
  );
}
