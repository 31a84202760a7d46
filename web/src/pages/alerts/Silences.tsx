import { Button } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { useNow } from "@/components/useNow";
import { When } from "@/components/When";
import { type Silence, useChangeSilence, useSilences } from "@/data/queries/alerts";
import { silenceWords } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import styles from "./AlertsPage.module.css";
import { SilenceDialog } from "./SilenceDialog";

/** Silences and maintenance windows: those that hold, that will, and that are over. */
export function Silences() {
  const { project } = useScope();
  const found = useSilences(project);
  const change = useChangeSilence(project);
  const [adding, add] = useState(false);
  const nowMs = useNow(true, found.dataUpdatedAt);
  return (
    <Page>
      <Section
        title="Silences"
        note="alerts that match still fire; nobody is told"
        actions={
          <Button variant="default" size="compact-sm" onClick={() => add(true)}>
            New silence
          </Button>
        }
      >
        <Failed of={found} />
        {change.error ? <Failed of={{ error: change.error, refetch: found.refetch }} /> : null}
        <SmallTable
          label="Silences"
          rows={found.data?.items ?? []}
          columns={columns(nowMs, (id, does) => change.mutate({ do: does, id }))}
          keyOf={(one) => one.id}
          empty="None. A silence that begins later is a maintenance window."
          loading={found.isPending}
          failed={found.isLoadingError}
        />
        {adding ? <SilenceDialog matchers={[]} onClose={() => add(false)} /> : null}
      </Section>
    </Page>
  );
}

function columns(nowMs: number, onAct: (id: string, does: "end" | "delete") => void): readonly SmallColumn<Silence>[] {
  return [
    {
      id: "matchers",
      label: "Alerts with",
      wide: true,
      cell: (one) => {
        const text = visible(one.silence.matchers.join(", "));
        return (
          <span className="mono" title={text}>
            {text}
          </span>
        );
      },
    },
    {
      id: "state",
      label: "State",
      cell: (one) => (
        <Health state={one.active ? "pending" : "unset"} words={silenceWords(one.silence.starts, one.silence.ends, one.active, nowMs)} />
      ),
    },
    { id: "starts", label: "Begins", cell: (one) => <When iso={one.silence.starts} nowMs={nowMs} /> },
    { id: "ends", label: "Ends", cell: (one) => <When iso={one.silence.ends} nowMs={nowMs} /> },
    {
      id: "why",
      label: "Why",
      cell: (one) => visible([one.silence.comment, one.silence.author].filter(Boolean).join(" · ")).slice(0, 120),
    },
    {
      id: "acts",
      label: "",
      cell: (one) => (
        <span className={styles.acts}>
          {one.active ? <Act what="End" of={one} onClick={() => onAct(one.id, "end")} /> : null}
          <Act what="Delete" of={one} onClick={() => onAct(one.id, "delete")} />
        </span>
      ),
    },
  ];
}

function Act({ what, of, onClick }: { readonly what: string; readonly of: Silence; readonly onClick: () => void }) {
  return (
    <Button
      variant="default"
      size="compact-xs"
      onClick={onClick}
      aria-label={`${what} the silence of ${visible(of.silence.matchers.join(", "))}`}
    >
      {what}
    </Button>
  );
}
