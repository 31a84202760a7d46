import { ActionIcon, Button, SegmentedControl, Tooltip } from "@mantine/core";
import { IconArrowsDiagonal, IconArrowsDiagonalMinimize2, IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import type { ComponentProps } from "react";
import { EvidenceTab } from "@/components/evidence/EvidenceTab";
import { plural } from "@/model/format";
import type { TraceView } from "@/model/trace-search";
import styles from "./TracePage.module.css";
import { FindBar } from "./tree/FindBar";
import type { Folding } from "./useFolding";
import type { TraceAddress } from "./useTraceAddress";

interface Props {
  readonly address: TraceAddress;
  readonly view: TraceView;
  /** There are messages to show as a transcript. */
  readonly spoken: boolean;
  /** There are inner spans of frameworks. */
  readonly plumbing: boolean;
  readonly folding: Folding;
  readonly find: ComponentProps<typeof FindBar>;
  readonly concerns: ComponentProps<typeof EvidenceTab>["concerns"];
  readonly errors: number;
  readonly onError: (forward: boolean) => void;
}

const LABELS: Readonly<Record<TraceView, string>> = {
  transcript: "Transcript",
  tree: "Tree",
  graph: "Graph",
  flame: "Flame",
  evidence: "Evidence",
  raw: "Raw",
};

/** Which view, and what helps to find one's way in it. */
export function Tools({ address, view, spoken, plumbing, folding, find, concerns, errors, onError }: Props) {
  const views = (Object.keys(LABELS) as TraceView[]).filter((one) => one !== "transcript" || spoken || view === one);
  const spans = view === "tree" || view === "flame";
  return (
    <div className={styles.tools}>
      <SegmentedControl
        aria-label="View"
        value={view}
        onChange={(one) => address.show(one as TraceView)}
        data={views.map((value) => ({ value, label: value === "evidence" ? <EvidenceTab concerns={concerns} /> : LABELS[value] }))}
      />
      <span className={styles.spring} />
      {errors ? (
        <Button.Group>
          <Button variant="default" color="red" onClick={() => onError(false)} aria-label="Error before" px={6}>
            <IconChevronUp size={14} />
          </Button>
          <Button variant="default" c="var(--status-error)" onClick={() => onError(true)} rightSection={<IconChevronDown size={14} />}>
            {plural(errors, "error")}
          </Button>
        </Button.Group>
      ) : null}
      {plumbing && spans ? (
        <Tooltip label="Inner spans of frameworks, which say little about the work">
          <Button
            variant={address.inner ? "light" : "default"}
            aria-pressed={address.inner === "1"}
            onClick={() => address.setInner(!address.inner)}
          >
            Inner spans
          </Button>
        </Tooltip>
      ) : null}
      {view === "tree" ? (
        <>
          <ActionIcon variant="default" size={30} aria-label="Fold all" title="Fold all" onClick={folding.foldAll}>
            <IconArrowsDiagonalMinimize2 size={15} />
          </ActionIcon>
          <ActionIcon variant="default" size={30} aria-label="Unfold all" title="Unfold all" onClick={folding.unfoldAll}>
            <IconArrowsDiagonal size={15} />
          </ActionIcon>
        </>
      ) : null}
      {spans ? <FindBar {...find} /> : null}
    </div>
  );
}
