import { Modal, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { useScope } from "@/app/scope";
import look from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { Problem } from "@/components/Problem";
import { SchemaFields } from "@/components/SchemaFields";
import { useFocusBack } from "@/components/useFocusBack";
import { type Channel, type ChannelKind, useChangeChannel } from "@/data/queries/channels";
import { readWho, writeWho } from "@/data/who";
import { isName, NAME_HINT } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { fieldsOf, formOf, mistakesIn, readForm } from "@/model/schema-form";

interface Props {
  /** Null: a new one. */
  readonly channel: Channel | null;
  readonly kinds: readonly ChannelKind[];
  readonly onClose: () => void;
}

/** A channel's form, made of what the server says about its kind. */
export function ChannelDialog({ channel, kinds, onClose }: Props) {
  useFocusBack();
  const { project } = useScope();
  const change = useChangeChannel(project);
  const [kind, setKind] = useState(channel?.kind ?? kinds.find((one) => one.name === "webhook")?.name ?? kinds[0]?.name ?? "");
  const told = kinds.find((one) => one.name === kind);
  const fields = useMemo(() => (told ? fieldsOf(told.settings) : []), [told]);
  const [forms, setForms] = useState(() => ({ [kind]: formOf(fields, channel?.settings ?? {}) }));
  const form = forms[kind] ?? formOf(fields, {});
  const [name, setName] = useState(channel?.name ?? "");
  const [author, setAuthor] = useState(readWho);
  const [tried, setTried] = useState(false);
  const read = readForm(fields, form);
  const refused = change.error ? mistakesIn(change.error.message, fields) : {};
  const wrongName = isName(name) ? undefined : NAME_HINT;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrongName || Object.keys(read.mistakes).length) return;
    writeWho(author.trim());
    const body = { kind, settings: read.value, version: channel?.version ?? 0, author: author.trim() };
    change.mutate({ do: "put", name, body }, { onSuccess: onClose });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={channel ? `Channel ${channel.name}` : "New channel"}
      size={560}
      transitionProps={{ duration: 80 }}
    >
      <form onSubmit={submit} className={look.form} noValidate>
        {channel?.problem ? <Problem error={new Error(visible(channel.problem))} /> : null}
        {channel ? null : (
          <TextInput
            label="Name"
            withAsterisk
            data-autofocus
            value={name}
            placeholder="team-webhook"
            maxLength={100}
            error={tried || name ? wrongName : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          size="xs"
          label="Kind"
          description={told ? visible(told.description) : "Channels of this kind are not installed."}
          value={kind}
          data={[...new Set([kind, ...kinds.map((one) => one.name)])]}
          onChange={(event) => {
            change.reset();
            setTried(false);
            setKind(event.currentTarget.value);
          }}
        />
        <SchemaFields
          fields={fields}
          form={form}
          mistakes={{ ...refused, ...(tried ? read.mistakes : {}) }}
          onSet={(next) => setForms({ ...forms, [kind]: next })}
        />
        <TextInput label="Who changes it" value={author} maxLength={256} onChange={(event) => setAuthor(event.currentTarget.value)} />
        <FormEnd
          button="Keep"
          busy={change.isPending}
          error={change.error}
          disabled={!told}
          onDelete={channel ? () => change.mutate({ do: "delete", name }, { onSuccess: onClose }) : undefined}
          onClose={onClose}
        />
      </form>
    </Modal>
  );
}
