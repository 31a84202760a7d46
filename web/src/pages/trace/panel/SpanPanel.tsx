/** Everything that is known of one span, a tab for each sort. */
import { ActionIcon, CopyButton, Tabs } from "@mantine/core";
import { IconCheck, IconLink, IconX } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { Failed } from "@/components/Failed";
import { KindIcon } from "@/components/KindIcon";
import { Skeleton } from "@/components/Skeleton";
import { Snippet } from "@/components/Snippet";
import { Status } from "@/components/Status";
import side from "@/components/side/Side.module.css";
import { type Span, type SpanOf, useSpan } from "@/data/queries/span";
import { toolDefinitions } from "@/model/tool-definitions";
import { toolUses } from "@/model/tool-uses";
import type { TraceRows } from "@/model/trace-rows";
import { Attributes } from "./Attributes";
import { Cost } from "./Cost";
import { Events } from "./Events";
import { Links } from "./Links";
import { Messages } from "./Messages";
import styles from "./SpanPanel.module.css";
import { Summary } from "./Summary";
import { Tools } from "./Tools";

interface Props {
  readonly of: SpanOf;
  readonly trace: TraceRows;
  readonly onClose: () => void;
  readonly onSelect: (span: string) => void;
}

const TABS = ["summary", "messages", "tools", "attributes", "events", "links", "cost", "raw"] as const;
type Tab = (typeof TABS)[number];

export function SpanPanel({ of, trace, onClose, onSelect }: Props) {
  const answer = useSpan(of);
  const [wanted, setWanted] = useState<Tab>("summary");
  const row = trace.rowOf(of.spanId);
  const span = answer.data;
  const kind = span?.kind ?? trace.text(row, "kind");
  const offered = useMemo(() => toolDefinitions(span?.attributes ?? {}), [span]);
  const uses = useMemo(() => toolUses(trace, row), [trace, row]);
  const counts: Partial<Record<Tab, number>> = span ? { ...countsOf(span), tools: offered.length || uses.length } : {};
  const tabs = TABS.filter((tab) => counts[tab] !== 0);
  const tab = tabs.includes(wanted) ? wanted : "summary";
  return (
    <>
      <header className={side.head}>
        <KindIcon kind={kind} size={16} />
        <h3 className={`${side.title} cut`} title={span?.name}>
          {span?.name ?? trace.text(row, "name")}
        </h3>
        {span ? <Status status={span.status} pending={span.pending} /> : null}
        <CopyButton value={location.href} timeout={1600}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={copied ? "Copied" : "Copy link to this span"}>
              {copied ? <IconCheck size={15} /> : <IconLink size={15} />}
            </ActionIcon>
          )}
        </CopyButton>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the span">
          <IconX size={15} />
        </ActionIcon>
      </header>
      <Failed of={answer} />
      {answer.isPending ? <Skeleton rows={8} height={28} /> : null}
      {span ? (
        <Tabs value={tab} onChange={(next) => setWanted((next ?? "summary") as Tab)} className={styles.tabs ?? ""} keepMounted={false}>
          <Tabs.List className={styles.list ?? ""}>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one} px={9} py={7} fz={12}>
                {label(one)}
                {counts[one] ? <span className={styles.number}>{counts[one]}</span> : null}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value={tab} className={side.body ?? ""}>
            {tab === "tools" ? <Tools offered={offered} uses={uses} onSelect={onSelect} /> : content(tab, of, span, trace, row, onSelect)}
          </Tabs.Panel>
        </Tabs>
      ) : null}
    </>
  );
}

function label(tab: Tab): string {
  return (tab[0] ?? "").toUpperCase() + tab.slice(1);
}

/** How many there are of each; tabs with none are left out. */
function countsOf(span: Span): Partial<Record<Tab, number>> {
  return {
    messages: span.input_messages.length + span.output_messages.length,
    attributes: Object.keys(span.attributes).length,
    events: span.events.length,
    links: span.links.length,
    ...(span.model ? {} : { cost: 0 }),
  };
}

function content(tab: Tab, of: SpanOf, span: Span, trace: TraceRows, row: number, onSelect: (span: string) => void): ReactNode {
  if (tab === "messages") return <Messages of={of} />;
  if (tab === "attributes") return <Attributes span={span} />;
  if (tab === "events") return <Events events={span.events} start={span.start} />;
  if (tab === "links") return <Links links={span.links} traceId={of.traceId} onSelect={onSelect} />;
  if (tab === "cost") return <Cost span={span} />;
  if (tab === "raw") return <Snippet code={JSON.stringify(span, null, 2)} label="span as JSON" />;
  return <Summary of={of} span={span} trace={trace} row={row} onSelect={onSelect} />;
}
