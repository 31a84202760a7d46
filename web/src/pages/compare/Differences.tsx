import { ActionIcon } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { plural } from "@/model/format";
import styles from "./ComparePage.module.css";

interface Props {
  /** Of each step how it differs; empty: not at all, as far as is known. */
  readonly found: readonly string[];
  readonly onJump: (by: 1 | -1) => void;
}

/** How much two runs have in common, and the way from one difference to the next. */
export function Differences({ found, onJump }: Props) {
  const counts = new Map<string, number>();
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) + 1);
  const alike = counts.get("") ?? 0;
  const only = ["only in A", "only in B"].flatMap((one) => (counts.has(one) ? [`${counts.get(one)} ${one}`] : []));
  const other = found.filter((one) => one && !one.startsWith("only in ")).length;
  const told = [`${plural(alike, "step")} alike`, ...(other ? [`${other} ${other === 1 ? "differs" : "differ"}`] : []), ...only];
  return (
    <div className={styles.differences}>
      <span>{told.join(" · ")}</span>
      {alike < found.length ? (
        <span>
          <ActionIcon aria-label="Difference before" title="Difference before (p)" onClick={() => onJump(-1)}>
            <IconChevronUp size={16} />
          </ActionIcon>
          <ActionIcon aria-label="Next difference" title="Next difference (n)" onClick={() => onJump(1)}>
            <IconChevronDown size={16} />
          </ActionIcon>
        </span>
      ) : null}
    </div>
  );
}
