import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { fullCount } from "@/model/format";
import styles from "./JsonTree.module.css";

interface Props {
  readonly value: unknown;
  /** How many levels are open at first. */
  readonly open?: number;
}

const PAGE = 100;
const LONGEST = 2000;

/** Any JSON, pretty and foldable; only what is open is drawn. */
export function JsonTree({ value, open = 2 }: Props) {
  return (
    <div className={`${styles.tree} mono`}>
      <Value value={value} open={open} name={null} />
      <Copy value={value} />
    </div>
  );
}

/** A plain button: there may be dozens of these on a page. */
function Copy({ value }: { readonly value: unknown }) {
  const { copied, copy } = useClipboard({ timeout: 1600 });
  const text = () => (typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? ""));
  return (
    <button type="button" className={styles.copy} onClick={() => copy(text())} aria-label={copied ? "Copied" : "Copy"}>
      {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
    </button>
  );
}

interface ValueProps {
  readonly value: unknown;
  readonly open: number;
  readonly name: string | null;
}

function Value({ value, open, name }: ValueProps) {
  if (typeof value !== "object" || value === null) {
    return (
      <div className={styles.line}>
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  }
  return <Branch value={value} open={open} name={name} />;
}

function Branch({ value, open, name }: ValueProps & { readonly value: object }) {
  const [unfolded, setUnfolded] = useState(open > 0);
  const [shown, setShown] = useState(PAGE);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const size = `${entries.length} ${list ? (entries.length === 1 ? "item" : "items") : entries.length === 1 ? "field" : "fields"}`;
  if (!entries.length) {
    return (
      <div className={styles.line}>
        <Name name={name} />
        {list ? "[]" : "{}"}
      </div>
    );
  }
  return (
    <div className={styles.branch}>
      <button type="button" className={styles.fold} onClick={() => setUnfolded(!unfolded)} aria-expanded={unfolded}>
        <span className={styles.arrow} aria-hidden>
          {unfolded ? "▾" : "▸"}
        </span>
        <Name name={name} />
        <span className="quiet">{unfolded ? size : `${list ? "[" : "{"} ${size} ${list ? "]" : "}"}`}</span>
      </button>
      {unfolded ? (
        <div className={styles.inner}>
          {entries.slice(0, shown).map(([key, inner]) => (
            <Value key={key} name={key} value={inner} open={open - 1} />
          ))}
          {entries.length > shown ? (
            <button type="button" className={styles.fold} onClick={() => setShown(shown + PAGE * 5)}>
              {entries.length - shown} more
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Name({ name }: { readonly name: string | null }) {
  return name === null ? null : <span className={styles.name}>{name}: </span>;
}

function Leaf({ value }: { readonly value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") return <span className={styles.plain}>{String(value)}</span>;
  return (
    <span className={styles.text}>
      {whole ? value : value.slice(0, LONGEST)}
      {value.length > LONGEST && !whole ? (
        <button type="button" className={styles.fold} onClick={() => setWhole(true)}>
          … {fullCount(value.length - LONGEST)} characters more
        </button>
      ) : null}
    </span>
  );
}
