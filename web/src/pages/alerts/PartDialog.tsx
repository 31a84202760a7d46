import { Modal, TextInput } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { Failed } from "@/components/Failed";
import look from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { SchemaFields } from "@/components/SchemaFields";
import { Skeleton } from "@/components/Skeleton";
import { useFirstField } from "@/components/useFirstField";
import { useFocusBack } from "@/components/useFocusBack";
import { useSchemas } from "@/data/queries/channels";
import { isName, NAME_HINT } from "@/model/alerts";
import { type Field, type Form, fieldsOf, formOf, readForm } from "@/model/schema-form";
import type { RoutingBody } from "./Routing";

export interface PartWanted {
  readonly title: string;
  /** Which schema of the API's description its form is made of; one that is told otherwise than it is taken has `-Input` behind. */
  readonly schema: string;
  readonly leave?: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  /** What it is called; left out where it has no name. Empty: it is a new one. */
  readonly name?: string;
  /** The fields in place of those of the schema. */
  readonly listed?: string;
  /** The routing with what the form came to. */
  readonly make: (values: Readonly<Record<string, unknown>>, name: string) => RoutingBody;
}

interface Props {
  readonly wanted: PartWanted;
  readonly error: Error | null;
  readonly busy: boolean;
  readonly onKeep: (routing: RoutingBody) => void;
  readonly onClose: () => void;
}

/** The form of a part of the routing. */
export function PartDialog({ wanted, onClose, ...rest }: Props) {
  useFocusBack();
  const schemas = useSchemas(true);
  const fields = useMemo((): readonly Field[] | null => {
    if (!schemas.data) return null;
    const of = fieldsOf(schemas.data[wanted.schema] ?? {}, schemas.data, wanted.leave);
    if (!wanted.listed) return of;
    return [
      {
        name: wanted.listed,
        about: "",
        shape: "parts",
        required: true,
        open: false,
        choices: [],
        usual: "",
        whole: false,
        long: false,
        of,
      },
    ];
  }, [schemas.data, wanted]);
  return (
    <Modal opened onClose={onClose} title={wanted.title} size={560} transitionProps={{ duration: 80 }}>
      <Failed of={schemas} />
      {fields ? <PartForm wanted={wanted} fields={fields} onClose={onClose} {...rest} /> : <Skeleton rows={5} height={48} />}
    </Modal>
  );
}

function PartForm({ wanted, fields, error, busy, onKeep, onClose }: Props & { readonly fields: readonly Field[] }) {
  const [form, setForm] = useState<Form>(() => formOf(fields, wanted.values));
  const [name, setName] = useState(wanted.name ?? "");
  const [tried, setTried] = useState(false);
  const whole = useFirstField();
  const read = readForm(fields, form);
  const wrongName = wanted.name === undefined || isName(name) ? undefined : NAME_HINT;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrongName && !Object.keys(read.mistakes).length) onKeep(wanted.make(read.value, name));
  };
  return (
    <form ref={whole} onSubmit={submit} className={look.form} noValidate>
      {wanted.name === undefined ? null : (
        <TextInput
          label="Name"
          withAsterisk
          value={name}
          disabled={wanted.name !== ""}
          maxLength={100}
          error={tried ? wrongName : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <SchemaFields fields={fields} form={form} mistakes={tried ? read.mistakes : {}} onSet={setForm} />
      <FormEnd button="Keep" busy={busy} error={error} onClose={onClose} />
    </form>
  );
}
