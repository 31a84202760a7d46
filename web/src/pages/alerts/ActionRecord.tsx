import { Button, NativeSelect } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { CutText } from "@/components/CutText";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type Action, useActions } from "@/data/queries/policies";
import { visible } from "@/model/evidence-words";
import { utc } from "@/model/format";
import { actionStanding, canUndo, workWords } from "@/model/policies";
import { UndoDialog } from "./UndoDialog";

/** What policies did, would have done, or were kept from doing; what can be taken back is taken back here. */
export function ActionRecord({ policies }: { readonly policies: readonly string[] }) {
  const { project } = useScope();
  const [policy, setPolicy] = useState("");
  const [undoing, setUndoing] = useState<Action | null>(null);
  const found = useActions(project, policy);
  return (
    <Section
      title="Record"
      note="latest first"
      actions={
        <NativeSelect
          size="xs"
          aria-label="Actions of"
          value={policy}
          data={[{ value: "", label: "all policies" }, ...policies]}
          onChange={(event) => setPolicy(event.currentTarget.value)}
        />
      }
    >
      <Failed of={found} />
      <SmallTable
        label="Actions"
        rows={found.data?.pages.flatMap((page) => page.items) ?? []}
        columns={columns(found.dataUpdatedAt || Date.now(), setUndoing)}
        keyOf={(one) => one.id}
        empty="Nothing yet. A policy is about alerts that begin to fire after it was made or changed."
        loading={found.isPending}
        failed={found.isLoadingError}
        stale={found.isPlaceholderData}
      />
      {found.hasNextPage ? (
        <Button variant="default" mt={10} loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Earlier ones
        </Button>
      ) : null}
      {undoing ? <UndoDialog action={undoing} onClose={() => setUndoing(null)} /> : null}
    </Section>
  );
}

function columns(nowMs: number, onUndo: (action: Action) => void): readonly SmallColumn<Action>[] {
  return [
    { id: "created", label: "When", cell: (one) => <When iso={one.created} nowMs={nowMs} /> },
    {
      id: "state",
      label: "State",
      cell: (one) => (
        <span title={one.undone ? `by ${visible(one.undone_by) || "somebody"}, ${utc(one.undone)}` : undefined}>
          <Health {...actionStanding(one.state)} />
        </span>
      ),
    },
    { id: "policy", label: "Policy", cell: (one) => <span title={`version ${one.version}`}>{one.policy}</span> },
    { id: "kind", label: "What it does", cell: (one) => workWords(one.kind) },
    { id: "subject", label: "To", cell: (one) => (one.subject ? <CutText text={visible(one.subject)} /> : <None />) },
    {
      id: "alert",
      label: "Because of",
      cell: (one) => (
        <Link to="/alerts" search={{ alert: one.alert_id } as never}>
          its alert
        </Link>
      ),
    },
    {
      id: "answer",
      label: "What came of it",
      wide: true,
      cell: (one) => (one.answer ? <span title={visible(one.answer)}>{visible(one.answer)}</span> : <None />),
    },
    {
      id: "undo",
      label: "",
      cell: (one) =>
        canUndo(one) ? (
          <Button variant="default" size="compact-xs" onClick={() => onUndo(one)} aria-label={`Undo the action of ${one.policy}`}>
            Undo
          </Button>
        ) : null,
    },
  ];
}
