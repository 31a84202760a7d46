import { NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { useScope } from "@/app/scope";
import look from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { Problem } from "@/components/Problem";
import { SchemaFields } from "@/components/SchemaFields";
import { useFirstField } from "@/components/useFirstField";
import { type Policy, useChangePolicy } from "@/data/queries/policies";
import { readWho, writeWho } from "@/data/who";
import { isName, NAME_HINT } from "@/model/alerts";
import { visible } from "@/model/evidence-words";
import { worksOf, workWords } from "@/model/policies";
import { fieldsOf, formOf, readForm, type Schema } from "@/model/schema-form";

interface Props {
  readonly policy: Policy | null;
  readonly allowed: boolean;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly onClose: () => void;
}

const LAST = ["description", "enabled"]; // what it does stands before what it is for

export function PolicyForm({ policy, allowed, schemas, onClose }: Props) {
  const { project } = useScope();
  const change = useChangePolicy(project);
  const kept = policy?.policy;
  const works = useMemo(() => worksOf(schemas), [schemas]);
  const [kind, setKind] = useState<string>(kept?.action.kind ?? works[0]?.kind ?? "");
  const work = works.find((one) => one.kind === kind);
  const own = useMemo(() => fieldsOf(work?.schema ?? {}, schemas, ["kind"]), [work, schemas]);
  const fields = useMemo(() => {
    const all = fieldsOf(schemas["Policy"] ?? {}, schemas, ["action"]);
    return [...all.filter((one) => !LAST.includes(one.name)), ...all.filter((one) => LAST.includes(one.name))];
  }, [schemas]);
  const [owns, setOwns] = useState(() => ({ [kind]: formOf(own, { ...kept?.action }) }));
  const ownForm = owns[kind] ?? formOf(own, {});
  const [form, setForm] = useState(() => formOf(fields, { ...kept }));
  const [name, setName] = useState(policy?.name ?? "");
  const [author, setAuthor] = useState(readWho);
  const [tried, setTried] = useState(false);
  const read = readForm(fields, form);
  const readOwn = readForm(own, ownForm, "action.");
  const wrongName = isName(name) ? undefined : NAME_HINT;
  const mistakes = tried ? { ...read.mistakes, ...readOwn.mistakes } : {};
  const whole = useFirstField();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrongName || Object.keys({ ...read.mistakes, ...readOwn.mistakes }).length) return;
    writeWho(author.trim());
    const body = { ...read.value, action: { ...readOwn.value, kind } };
    change.mutate({ do: "put", name, policy: body, version: policy?.version ?? 0, author: author.trim() }, { onSuccess: onClose });
  };
  return (
    <form ref={whole} onSubmit={submit} className={look.form} noValidate>
      {policy?.problem ? <Problem error={new Error(visible(policy.problem))} /> : null}
      {policy ? null : (
        <TextInput
          label="Name"
          withAsterisk
          size="xs"
          value={name}
          placeholder="stop-loops"
          maxLength={100}
          error={tried || name ? wrongName : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <NativeSelect
        size="xs"
        label="What is done"
        description={work ? visible(work.about) : "This server does not know how."}
        value={kind}
        data={[...new Set([kind, ...works.map((one) => one.kind)])].map((value) => ({ value, label: workWords(value) }))}
        onChange={(event) => {
          change.reset();
          setTried(false);
          setKind(event.currentTarget.value);
        }}
      />
      <SchemaFields fields={own} form={ownForm} mistakes={mistakes} path="action." onSet={(next) => setOwns({ ...owns, [kind]: next })} />
      <SchemaFields fields={fields} form={form} mistakes={mistakes} onSet={setForm} />
      {form["mode"] === "live" && !allowed ? (
        <p className="quiet">The setting alerts.live_actions of this server is off: it stays a dry run.</p>
      ) : null}
      <TextInput
        size="xs"
        label="Who changes it"
        value={author}
        maxLength={256}
        onChange={(event) => setAuthor(event.currentTarget.value)}
      />
      <FormEnd
        button="Keep"
        busy={change.isPending}
        error={change.error}
        disabled={!work}
        onDelete={policy ? () => change.mutate({ do: "delete", name }, { onSuccess: onClose }) : undefined}
        onClose={onClose}
      />
    </form>
  );
}
