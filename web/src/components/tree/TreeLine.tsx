import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { CSSProperties, ReactNode } from "react";
import { count } from "@/model/format";
import styles from "./Tree.module.css";

interface Props {
  readonly id: string;
  /** How far it is set in. */
  readonly level: number;
  /** How deep it is, where hidden ones between count. */
  readonly depth: number;
  readonly label: string;
  readonly top: number;
  readonly selected: boolean;
  /** How many are below it. */
  readonly below: number;
  readonly folded: boolean;
  readonly className: string;
  readonly name: ReactNode;
  /** The other columns. */
  readonly children: ReactNode;
  readonly onSelect: () => void;
  readonly onFold: () => void;
}

/** One line of a tree: set in, with what folds it, its name and its columns. Keys are those of the tree. */
export function TreeLine({ id, level, depth, label, top, selected, below, folded, className, name, children, onSelect, onFold }: Props) {
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={selected}
      aria-expanded={below ? !folded : undefined}
      aria-label={label}
      tabIndex={-1}
      className={`${styles.row} ${selected ? styles.selected : ""} ${className}`}
      style={{ top }}
      onClick={onSelect}
      onKeyDown={undefined}
    >
      <div className={styles.name} style={{ "--level": level } as CSSProperties}>
        {below ? (
          <button
            type="button"
            tabIndex={-1}
            className={styles.fold}
            aria-label={folded ? "Unfold" : "Fold"}
            onClick={(event) => {
              event.stopPropagation();
              onFold();
            }}
          >
            {folded ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
          </button>
        ) : (
          <span className={styles.leaf} />
        )}
        {name}
        {folded ? <span className={`${styles.chip} ${styles.plain}`}>{count(below)}</span> : null}
      </div>
      {children}
    </div>
  );
}
