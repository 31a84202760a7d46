import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { useFocusBack } from "@/components/useFocusBack";
import { type Configuration, useChangeConfiguration } from "@/data/queries/registry";
import { readObject } from "@/model/json-object";
import styles from "./Registry.module.css";

interface Props {
  readonly agent: string;
  readonly latest: Configuration | undefined;
  readonly onClose: () => void;
}

const EMPTY = { prompt: "", model: "", settings: {} };

/** A new configuration: it begins with what the latest says. It is deployed nowhere yet. */
export function ConfigurationDialog({ agent, latest, onClose }: Props) {
  useFocusBack();
  const { project } = useScope();
  const change = useChangeConfiguration(project, agent);
  const [text, setText] = useState(() => JSON.stringify(latest?.body ?? EMPTY, null, 2));
  const [comment, setComment] = useState("");
  const [author, setAuthor] = useState("");
  const read = readObject(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!read.value) return;
    const after = latest?.number ?? 0;
    change.mutate({ do: "configure", body: read.value, comment: comment.trim(), author: author.trim(), after }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title="New configuration" size={620} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={styles.form}>
        <Textarea
          data-autofocus
          label="JSON object"
          description="Programs that fetch it see all of it: no secrets."
          value={text}
          rows={14}
          spellCheck={false}
          classNames={{ input: "mono" }}
          error={read.mistake || undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TextInput label="What is new" value={comment} maxLength={2000} onChange={(event) => setComment(event.currentTarget.value)} />
        <TextInput label="Who" value={author} maxLength={256} onChange={(event) => setAuthor(event.currentTarget.value)} />
        {change.error ? <Problem error={change.error} /> : null}
        <div className={styles.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending} disabled={!read.value}>
            Keep
          </Button>
        </div>
      </form>
    </Modal>
  );
}
