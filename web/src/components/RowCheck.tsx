import { useEffect, useRef } from "react";
import styles from "./DataTable.module.css";

interface Props {
  readonly label: string;
  readonly state: "none" | "some" | "all";
  /** Tab comes to it. */
  readonly reached: boolean;
  /** `range`: Shift was held. */
  readonly onToggle: (range: boolean) => void;
}

/** The box of a row, or of all of them. */
export function RowCheck({ label, state, reached, onToggle }: Props) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = state === "some";
  }, [state]);
  return (
    <input
      ref={box}
      type="checkbox"
      className={styles.box}
      aria-label={label}
      checked={state === "all"}
      tabIndex={reached ? 0 : -1}
      onChange={(event) => onToggle((event.nativeEvent as MouseEvent).shiftKey)}
    />
  );
}
