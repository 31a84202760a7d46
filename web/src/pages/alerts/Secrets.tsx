import { Button } from "@mantine/core";
import { useState } from "react";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { WordsDialog } from "@/components/WordsDialog";
import { type Channel, useRotateSecrets, useSecrets } from "@/data/queries/channels";
import { plural } from "@/model/format";
import { secretNames } from "@/model/settings";
import styles from "./AlertsPage.module.css";

interface Props {
  readonly channels: readonly Channel[];
  /** In the form of a channel its secrets are replaced, or taken away. */
  readonly onOpen: (channel: Channel) => void;
}

/** Which channels hold secrets, by name and never their values, and the key that these are sealed with. */
export function Secrets({ channels, onOpen }: Props) {
  const found = useSecrets();
  const rotate = useRotateSecrets();
  const [asking, setAsking] = useState(false);
  const told = found.data;
  const own = told?.origin === "file";
  return (
    <Section
      title="Secrets"
      note="what channels sign in with: sealed on the disk, and never shown"
      actions={
        <Button variant="default" size="compact-sm" disabled={!own} onClick={() => setAsking(true)}>
          New key …
        </Button>
      }
    >
      <Failed of={found} />
      {told ? (
        <p className={styles.sealed}>
          Sealed with the key <code>{told.key_id}</code>,{" "}
          {own ? "which is a file of the server." : "which is a setting of the server (facts.secret_keys): whoever set it changes it."}{" "}
          <span role="status">
            {told.lost ? <Health state="error" words={`${plural(told.lost, "channel")} cannot be opened: set the secrets again`} /> : null}
            {rotate.data ? <Health state="ok" words={`${plural(rotate.data.sealed, "version")} of channels sealed anew`} /> : null}
          </span>
        </p>
      ) : null}
      <SmallTable
        label="Secrets"
        rows={channels.filter((one) => secretNames(one.settings).length > 0)}
        columns={columns(onOpen)}
        keyOf={(one) => one.name}
        empty="No channel of this project has one."
        loading={found.isPending}
        failed={found.isLoadingError}
      />
      {asking ? (
        <WordsDialog
          title="Seal with a new key"
          about="A new key takes the place of the one in the server's file, and all secrets of all projects are sealed with it. A backup from before opens only with the key from before."
          button="Make a new key"
          note="Why"
          needs="who"
          busy={rotate.isPending}
          error={rotate.error}
          onSend={(who, note) => rotate.mutate({ who, note }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Section>
  );
}

function columns(onOpen: (channel: Channel) => void): readonly SmallColumn<Channel>[] {
  return [
    { id: "channel", label: "Channel", cell: (one) => one.name },
    { id: "names", label: "Secrets", wide: true, cell: (one) => <span className="mono">{secretNames(one.settings).join(", ")}</span> },
    {
      id: "state",
      label: "State",
      cell: (one) => (one.problem ? <Health state="error" words="cannot be opened" /> : <Health state="ok" words="sealed" />),
    },
    {
      id: "replace",
      label: "",
      cell: (one) => (
        <Button variant="default" size="compact-xs" onClick={() => onOpen(one)} aria-label={`Replace secrets of ${one.name}`}>
          Replace
        </Button>
      ),
    },
  ];
}
