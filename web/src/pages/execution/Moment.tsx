import { NativeSelect, Tabs } from "@mantine/core";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import type { ExecutionDetail } from "@/data/queries/executions";
import { useStateAt, useStateDiff } from "@/data/queries/time-travel";
import { isGoing } from "@/model/execution";
import { count } from "@/model/format";
import { beforeOf, LAST, type Mark, PARTS, type Part, placeOf, type TravelSearch } from "@/model/moments";
import { marksOfChanges, NO_MARKS } from "@/model/state-marks";
import { Changes } from "./Changes";
import { Files } from "./Files";
import { Remembered } from "./Remembered";
import { SaidSoFar } from "./SaidSoFar";
import { StateShown } from "./StateShown";
import styles from "./Travel.module.css";

interface Props {
  readonly run: ExecutionDetail;
  readonly marks: readonly Mark[];
  readonly place: number;
  /** The moment to compare with; left out: the one before. */
  readonly against: string | undefined;
  readonly part: Part;
  readonly onChange: (more: TravelSearch) => void;
}

const TITLES: Readonly<Record<Part, string>> = {
  state: "State",
  changes: "Changes",
  messages: "Messages",
  memory: "Memory",
  files: "Files",
};

/** What the execution was like at a moment, beside what changed since another one. */
export function Moment({ run, marks, place, against, part, onChange }: Props) {
  const { project } = useScope();
  const mark = marks[place];
  const before = against !== undefined && against !== mark?.id ? marks[placeOf(marks, against)] : beforeOf(marks, place);
  const at = mark?.id ?? LAST;
  const following = isGoing(run.status);
  const found = useStateAt(project, run.id, at, following);
  const [first, second] = before && mark && marks.indexOf(before) > place ? [mark, before] : [before, mark];
  const comparable = Boolean(first?.state && second?.state && first.state !== second.state);
  const diff = useStateDiff(project, run.id, first?.id ?? LAST, second?.id ?? LAST, comparable);
  const changes = comparable ? diff.data : undefined;
  const later = second === mark; // what changed is marked in the later of the two
  const drawn = useMemo(() => (changes && later ? marksOfChanges(changes.items) : NO_MARKS), [changes, later]);
  const told = found.data;
  const counts: Readonly<Record<Part, number | null>> = {
    state: null,
    changes: comparable ? (changes?.items.length ?? null) : null,
    messages: told?.messages.length ?? null,
    memory: told?.memory.length ?? null,
    files: told?.files.length ?? null,
  };
  return (
    <div className={styles.moment} data-stale={found.isPlaceholderData || undefined}>
      <div className={styles.against}>
        <NativeSelect
          size="xs"
          label="Changes since"
          value={against ?? ""}
          data={[
            { value: "", label: "the moment before" },
            ...marks.filter((one) => one.id !== at).map((one) => ({ value: one.id, label: one.label })),
          ]}
          onChange={(event) => onChange({ against: event.currentTarget.value || undefined })}
        />
      </div>
      <Failed of={found} />
      <Tabs value={part} onChange={(next) => onChange({ show: next === "state" ? undefined : (next as Part) })} keepMounted={false}>
        <Tabs.List className={styles.tabs ?? ""}>
          {PARTS.map((one) => (
            <Tabs.Tab key={one} value={one} px={9} py={7} fz={12}>
              {TITLES[one]}
              {counts[one] ? <span className="quiet numbers"> {count(counts[one])}</span> : null}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={part} className={styles.panel ?? ""}>
          {!told ? (
            found.error ? null : (
              <Skeleton rows={6} height={24} />
            )
          ) : part === "state" ? (
            <StateShown told={told} marks={drawn} />
          ) : part === "changes" ? (
            <Changes first={first} second={second} comparable={comparable} diff={diff} />
          ) : part === "messages" ? (
            <SaidSoFar key={at} told={told} sinceNs={first && later ? first.ns : null} />
          ) : part === "memory" ? (
            <Remembered told={told} />
          ) : (
            <Files told={told} />
          )}
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
