import { Button } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type Channel, useChannels, useTryChannel } from "@/data/queries/channels";
import { visible } from "@/model/evidence-words";
import { settingText } from "@/model/settings";
import styles from "./AlertsPage.module.css";
import { ChannelDialog } from "./ChannelDialog";
import { Secrets } from "./Secrets";

/** Where alerts can be told: each channel, whether it works, and its form. `onDeliveries`: what was delivered. */
export function Channels({ onDeliveries }: { readonly onDeliveries: () => void }) {
  const { project } = useScope();
  const found = useChannels(project);
  const [open, setOpen] = useState<Channel | "new" | null>(null);
  const told = found.data;
  return (
    <Page>
      <Section
        title="Channels"
        note="where alerts can be told"
        actions={
          <span className={styles.acts}>
            <Button variant="default" size="compact-sm" onClick={onDeliveries}>
              What was delivered
            </Button>
            <Button size="compact-sm" disabled={!told} onClick={() => setOpen("new")}>
              New channel
            </Button>
          </span>
        }
      >
        <Failed of={found} />
        {told && !told.items.length ? (
          <Empty title="No channel yet" action={<Button onClick={() => setOpen("new")}>New channel</Button>}>
            Until there is one, alerts are told in the server's log only.
          </Empty>
        ) : (
          <SmallTable
            label="Channels"
            rows={told?.items ?? []}
            columns={columns(found.dataUpdatedAt, project, setOpen)}
            keyOf={(one) => one.name}
            empty=""
            loading={found.isPending}
          />
        )}
      </Section>
      {told ? <Secrets channels={told.items} onOpen={setOpen} /> : null}
      {told && open ? <ChannelDialog channel={open === "new" ? null : open} kinds={told.kinds} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

function columns(nowMs: number, project: string, onOpen: (channel: Channel) => void): readonly SmallColumn<Channel>[] {
  return [
    {
      id: "name",
      label: "Channel",
      cell: (one) => (
        <button type="button" className={styles.opens} onClick={() => onOpen(one)}>
          {one.name}
        </button>
      ),
    },
    { id: "kind", label: "Kind", cell: (one) => visible(one.kind) },
    { id: "where", label: "Settings", wide: true, cell: (one) => <Where channel={one} /> },
    {
      id: "state",
      label: "State",
      cell: (one) => <State channel={one} />,
    },
    {
      id: "changed",
      label: "Changed",
      cell: (one) => (
        <span title={one.author ? `by ${visible(one.author)}` : undefined}>
          <When iso={one.updated} nowMs={nowMs} />
        </span>
      ),
    },
    { id: "test", label: "", cell: (one) => <Try key={project} name={one.name} project={project} /> },
  ];
}

/** Whether it takes what it is sent; what it answered last where it does not. */
function State({ channel: { problem, failing, waiting } }: { readonly channel: Channel }) {
  if (problem) return <Health state="error" words={visible(problem)} />;
  if (failing) return <Health state="error" words={`${waiting} waiting: ${visible(failing)}`} />;
  return <Health state="unset" words="set up" />;
}

/** Its settings in a line; secrets are none of them. */
function Where({ channel }: { readonly channel: Channel }) {
  const text = Object.entries(channel.settings)
    .map(([name, value]) => [name, settingText(value)] as const)
    .filter(([, value]) => value !== "–" && !value.includes("**"))
    .map(([name, value]) => `${name} ${visible(value)}`)
    .join(", ");
  return <span title={text}>{text}</span>;
}

function Try({ name, project }: { readonly name: string; readonly project: string }) {
  const sent = useTryChannel(project);
  return (
    <span className={styles.tried}>
      <Button
        variant="default"
        size="compact-xs"
        loading={sent.isPending}
        onClick={() => sent.mutate(name)}
        aria-label={`Send a test to ${name}`}
      >
        Test
      </Button>
      <span role="status">
        {sent.data ? (
          <Health
            state={sent.data.delivered ? "ok" : "error"}
            words={`${sent.data.delivered ? "delivered" : "not delivered"}: ${visible(sent.data.answer)}`}
          />
        ) : null}
        {sent.error ? <Health state="error" words={sent.error.message} /> : null}
      </span>
    </span>
  );
}
