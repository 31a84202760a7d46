import { Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import form from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { useFocusBack } from "@/components/useFocusBack";
import { type Configuration, useChangeConfiguration } from "@/data/queries/registry";
import { readWho, writeWho } from "@/data/who";
import { readObject } from "@/model/json-object";

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
  const [author, setAuthor] = useState(readWho);
  const read = readObject(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!read.value) return;
    writeWho(author.trim());
    const after = latest?.number ?? 0;
    change.mutate({ do: "configure", body: read.value, comment: comment.trim(), author: author.trim(), after }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title="New configuration" size={620} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={form.form}>
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
        <FormEnd button="Keep" busy={change.isPending} error={change.error} disabled={!read.value} onClose={onClose} />
      </form>
    </Modal>
  );
}
