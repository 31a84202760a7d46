import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Chips } from "@/components/Chips";
import { CutText } from "@/components/CutText";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { None } from "@/components/None";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type Delivery, useDeliveries } from "@/data/queries/alerts";
import { DELIVERY_STATES, type DeliveryState } from "@/model/alerts-search";
import { visible } from "@/model/evidence-words";
import { words } from "@/model/findings";

interface Props {
  readonly state: readonly DeliveryState[];
  readonly onToggle: (state: string) => void;
}

const TONES = { waiting: "warning", sending: "pending", sent: "ok", failed: "error" } as const;

/** Notices and what became of them: what waits and when it is tried next, what was sent, what was given up and why. */
export function Deliveries({ state, onToggle }: Props) {
  const { project } = useScope();
  const found = useDeliveries(project, state);
  return (
    <Page>
      <Section
        title="Deliveries"
        note="latest first"
        actions={
          <Chips
            label="State"
            chips={DELIVERY_STATES.map((id) => ({ id, label: id, count: "", tone: TONES[id] }))}
            chosen={state}
            onToggle={onToggle}
          />
        }
      >
        <Failed of={found} />
        <SmallTable
          label="Deliveries"
          rows={found.data?.pages.flatMap((page) => page.items) ?? []}
          columns={columns(found.dataUpdatedAt || Date.now())}
          keyOf={(one) => one.id}
          empty={state.length ? "None in this state." : "Nothing was told yet."}
          loading={found.isPending}
          failed={found.isLoadingError}
          stale={found.isPlaceholderData}
        />
        {found.hasNextPage ? (
          <Button variant="default" mt={10} loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Earlier ones
          </Button>
        ) : null}
      </Section>
    </Page>
  );
}

function columns(nowMs: number): readonly SmallColumn<Delivery>[] {
  return [
    { id: "created", label: "When", cell: (one) => <When iso={one.created} nowMs={nowMs} /> },
    { id: "state", label: "State", cell: (one) => <Health state={TONES[one.state]} words={one.state} /> },
    { id: "channel", label: "Channel", cell: (one) => one.channel },
    { id: "reason", label: "Why", cell: (one) => words(one.reason) },
    { id: "title", label: "What", wide: true, cell: (one) => <What one={one} /> },
    { id: "attempts", label: "Attempts", align: "right", cell: (one) => one.attempts },
    {
      id: "answer",
      label: "Answer",
      cell: (one) => (one.answer ? <CutText text={visible(one.answer)} /> : <None />),
    },
    { id: "next", label: "Next attempt", cell: (one) => (one.next_attempt ? <When iso={one.next_attempt} nowMs={nowMs} /> : <None />) },
  ];
}

function What({ one }: { readonly one: Delivery }) {
  const title = visible(one.title);
  const [alert] = one.alerts;
  if (!alert) return <span title={title}>{title}</span>;
  return (
    <Link to="/alerts" search={{ alert } as never} title={title}>
      {title}
    </Link>
  );
}
