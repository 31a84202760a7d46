import { Switch, Textarea, TextInput } from "@mantine/core";
import { SEVERITIES } from "@/model/findings";
import { Choice } from "./Choice";
import type { Fields } from "./fields";
import styles from "./RulePage.module.css";
import { Text } from "./Text";

interface Props extends Fields {
  readonly author: string;
  readonly onAuthor: (author: string) => void;
}

/** What it means for whoever gets it. */
export function MeaningFields({ author, onAuthor, ...parts }: Props) {
  const { form, mistakes, onSet } = parts;
  const own = form.kind === "finding" || form.kind === "success_rate";
  return (
    <fieldset className={styles.fields}>
      <legend>What is told</legend>
      <Text {...parts} name="title" label="Title" description="empty: its name" />
      {own ? null : <Choice label="Severity" value={form.severity} choices={SEVERITIES} onChoose={(severity) => onSet({ severity })} />}
      <Text {...parts} name="runbook" label="Runbook" placeholder="https://…" description="where it says what to do" />
      <div className={styles.whole}>
        <Textarea
          size="xs"
          inputWrapperOrder={["label", "input", "description", "error"]}
          label="Description"
          rows={2}
          maxLength={2000}
          value={form.description}
          onChange={(event) => onSet({ description: event.currentTarget.value })}
        />
      </div>
      <div className={styles.whole}>
        <Textarea
          size="xs"
          inputWrapperOrder={["label", "input", "description", "error"]}
          label="Labels, one in each line"
          placeholder="team=search"
          description="what routes and silences look at"
          rows={2}
          spellCheck={false}
          classNames={{ input: "mono" }}
          value={form.labels}
          error={mistakes.labels}
          onChange={(event) => onSet({ labels: event.currentTarget.value })}
        />
      </div>
      <TextInput size="xs" label="Who" value={author} maxLength={256} onChange={(event) => onAuthor(event.currentTarget.value)} />
      <Switch mt={24} label="Evaluated" checked={form.enabled} onChange={(event) => onSet({ enabled: event.currentTarget.checked })} />
    </fieldset>
  );
}
