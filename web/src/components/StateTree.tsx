/** A state as a tree, with what changed in it marked: what is new, what is other (what it was on hover), what is gone. */
import { useState } from "react";
import { plural } from "@/model/format";
import { below, brief, type Change, lastName, type Marks, shownOf } from "@/model/state-marks";
import tree from "./JsonTree.module.css";
import styles from "./StateTree.module.css";

interface Props {
  readonly value: unknown;
  readonly marks: Marks;
}

const OPEN = 2;
const PAGE = 100;
const LONGEST = 2000;

export function StateTree({ value, marks }: Props) {
  return (
    <div className={`${tree.tree} mono`}>
      <Value value={value} marks={marks} pointer="" name={null} open={OPEN} />
    </div>
  );
}

interface ValueProps extends Props {
  readonly pointer: string;
  readonly name: string | null;
  readonly open: number;
}

function Value({ value, marks, pointer, name, open }: ValueProps) {
  const shown = shownOf(value, pointer);
  const change = marks.at.get(pointer) ?? marks.at.get(shown.pointer);
  if (
    typeof shown.value === "object" &&
    shown.value !== null &&
    Object.keys(shown.value).length + (marks.removed.get(shown.pointer)?.length ?? 0)
  )
    return <Branch value={shown.value} marks={marks} pointer={shown.pointer} name={name} open={open} type={shown.type} change={change} />;
  return (
    <div className={`${tree.line} ${styles.mark}`} data-change={change?.kind} title={titleOf(change)}>
      <Name name={name} type={shown.type} />
      <Leaf value={shown.value} />
      {change ? <span className={styles.word}> {change.kind}</span> : null}
    </div>
  );
}

interface BranchProps extends ValueProps {
  readonly value: object;
  readonly type: string;
  readonly change: Change | undefined;
}

function Branch({ value, marks, pointer, name, open, type, change }: BranchProps) {
  const [chosen, choose] = useState<boolean | null>(null); // until somebody chooses, what changed is in sight
  const [shown, setShown] = useState(PAGE);
  const unfolded = chosen ?? (open > 0 || marks.within.has(pointer));
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const drawn = entries.filter(([key], at) => at < shown || marks.at.has(below(pointer, key)) || marks.within.has(below(pointer, key)));
  return (
    <div data-change={change?.kind} className={styles.mark} title={titleOf(change)}>
      <button type="button" className={tree.fold} onClick={() => choose(!unfolded)} aria-expanded={unfolded}>
        <span className={tree.arrow} aria-hidden>
          {unfolded ? "▾" : "▸"}
        </span>
        <Name name={name} type={type} />
        <span className="quiet">{plural(entries.length, list ? "item" : "field")}</span>
        {change ? <span className={styles.word}> {change.kind}</span> : null}
        {!unfolded && marks.within.has(pointer) ? <span className={styles.word}> changed within</span> : null}
      </button>
      {unfolded ? (
        <div className={tree.inner}>
          {drawn.map(([key, inner]) => (
            <Value key={key} name={key} value={inner} marks={marks} pointer={below(pointer, key)} open={open - 1} />
          ))}
          {drawn.length < entries.length ? (
            <button type="button" className={tree.fold} onClick={() => setShown(shown + PAGE * 5)}>
              {entries.length - drawn.length} more
            </button>
          ) : null}
          {marks.removed.get(pointer)?.map((gone) => (
            <div key={gone.pointer} className={`${tree.line} ${styles.mark}`} data-change="removed">
              <del>
                <Name name={lastName(gone.pointer)} type="" />
                {gone.before === null && gone.before_bytes > 4 ? "…" : brief(gone.before)}
              </del>
              <span className={styles.word}> removed</span>
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function titleOf(change: Change | undefined): string | undefined {
  if (change?.kind !== "changed") return undefined;
  return change.before === null && change.before_bytes > 4 ? "it was a larger value" : `it was ${brief(change.before, 1000)}`;
}

function Name({ name, type }: { readonly name: string | null; readonly type: string }) {
  return (
    <>
      {name === null ? null : <span className={tree.name}>{name}: </span>}
      {type ? <span className={styles.type}>{type} </span> : null}
    </>
  );
}

function Leaf({ value }: { readonly value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value === "object" && value !== null) return <>{Array.isArray(value) ? "[]" : "{}"}</>;
  if (typeof value !== "string") return <span className={tree.plain}>{String(value)}</span>;
  return (
    <span className={tree.text}>
      {whole ? value : value.slice(0, LONGEST)}
      {value.length > LONGEST && !whole ? (
        <button type="button" className={tree.fold} onClick={() => setWhole(true)}>
          … {plural(value.length - LONGEST, "character")} more
        </button>
      ) : null}
    </span>
  );
}
