import styles from "./Chips.module.css";

export interface Chip {
  readonly id: string;
  readonly label: string;
  /** How many there are, as text. */
  readonly count: string;
  /** The same in full, on hover. */
  readonly full?: string;
  readonly tone?: string;
}

interface Props {
  readonly label: string;
  readonly chips: readonly Chip[];
  readonly chosen: readonly string[];
  readonly onToggle: (id: string) => void;
}

/** Values of a filter beside each other, with how many each leaves; each is switched on and off. */
export function Chips({ label, chips, chosen, onToggle }: Props) {
  return (
    <fieldset className={styles.chips}>
      <legend className="hidden">{label}</legend>
      {chips.map((chip) => (
        <button
          key={chip.id}
          type="button"
          className={styles.chip}
          aria-pressed={chosen.includes(chip.id)}
          onClick={() => onToggle(chip.id)}
        >
          {chip.tone ? <span className={styles.dot} style={{ background: `var(--status-${chip.tone})` }} aria-hidden /> : null}
          {chip.label}
          <span className={`${styles.count} numbers`} title={chip.full}>
            {chip.count}
          </span>
        </button>
      ))}
    </fieldset>
  );
}
