/** The fields of a schema as a form draws them; each says what it is for, and what is wrong with it. */
import { Button, Checkbox, Input, NativeSelect, NumberInput, PasswordInput, Switch, Textarea, TextInput } from "@mantine/core";
import { type Entry, type Field, type Form, formOf, labelOf } from "@/model/schema-form";
import styles from "./SchemaFields.module.css";

interface Props {
  readonly fields: readonly Field[];
  readonly form: Form;
  readonly mistakes: Readonly<Record<string, string>>;
  readonly onSet: (form: Form) => void;
  /** Of forms within others. */
  readonly path?: string;
}

export function SchemaFields({ fields, form, mistakes, onSet, path = "" }: Props) {
  return fields.map((field) => (
    <One
      key={field.name}
      field={field}
      entry={form[field.name] ?? ""}
      path={`${path}${field.name}`}
      mistakes={mistakes}
      onSet={(entry) => onSet({ ...form, [field.name]: entry })}
    />
  ));
}

interface OneProps {
  readonly field: Field;
  readonly entry: Entry;
  readonly path: string;
  readonly mistakes: Readonly<Record<string, string>>;
  readonly onSet: (entry: Entry) => void;
}

const HINTS = { lines: "One in each line.", pairs: "Each line: name: value.", json: "JSON." } as const;

function One({ field, entry, path, mistakes, onSet }: OneProps) {
  const { shape } = field;
  const hint = shape in HINTS ? HINTS[shape as keyof typeof HINTS] : "";
  const common = {
    label: labelOf(field.name),
    description: [field.about, hint].filter(Boolean).join(" ") || undefined,
    error: mistakes[path],
    withAsterisk: field.required,
    size: "xs",
  } as const;
  const text = {
    ...common,
    value: String(entry),
    onChange: (event: { currentTarget: { value: string } }) => onSet(event.currentTarget.value),
  };
  if (shape === "parts") return <Parts field={field} forms={entry as readonly Form[]} path={path} mistakes={mistakes} onSet={onSet} />;
  if (shape === "choices") {
    return (
      <Checkbox.Group {...common} value={[...(entry as readonly string[])]} onChange={onSet}>
        <div className={styles.choices}>
          {field.choices.map((one) => (
            <Checkbox key={one} size="xs" value={one} label={one} />
          ))}
        </div>
      </Checkbox.Group>
    );
  }
  if (shape === "switch" && !field.open) {
    return <Switch {...common} checked={entry === true} onChange={(event) => onSet(event.currentTarget.checked)} />;
  }
  if (shape === "switch")
    return (
      <NativeSelect
        {...text}
        data={[
          { value: "", label: "as above it" },
          { value: "true", label: "yes" },
          { value: "false", label: "no" },
        ]}
      />
    );
  if (shape === "choice") return <NativeSelect {...text} data={[...(field.required || field.usual ? [] : [""]), ...field.choices]} />;
  if (shape === "number") {
    return (
      <NumberInput {...common} value={String(entry)} onChange={(value) => onSet(String(value))} allowDecimal={!field.whole} hideControls />
    );
  }
  if (shape === "secret") return <PasswordInput {...text} autoComplete="new-password" />;
  if (shape === "lines" || shape === "pairs" || shape === "json" || field.long) {
    return <Textarea {...text} autosize minRows={2} maxRows={12} spellCheck={false} classNames={{ input: "mono" }} />;
  }
  return <TextInput {...text} spellCheck={false} />;
}

/** Several of the same kind, each in a box of its own. */
function Parts({ field, forms, path, mistakes, onSet }: Omit<OneProps, "entry"> & { readonly forms: readonly Form[] }) {
  const label = labelOf(field.name);
  return (
    <Input.Wrapper
      size="xs"
      label={label}
      description={field.about || undefined}
      error={mistakes[path]}
      withAsterisk={field.required}
      labelElement="div"
    >
      <div className={styles.parts}>
        {forms.map((form, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no name of their own, and their order is what they are
          <fieldset key={at} className={styles.part} aria-label={`${label} ${at + 1}`}>
            <SchemaFields
              fields={field.of}
              form={form}
              mistakes={mistakes}
              path={`${path}.${at}.`}
              onSet={(next) => onSet(forms.map((one, index) => (index === at ? next : one)))}
            />
            <Button
              variant="default"
              size="compact-sm"
              justify="start"
              onClick={() => onSet(forms.filter((_, index) => index !== at))}
              aria-label={`Take out ${label} ${at + 1}`}
            >
              Take out
            </Button>
          </fieldset>
        ))}
        <Button variant="default" size="compact-sm" onClick={() => onSet([...forms, formOf(field.of, {})])}>
          Add
        </Button>
      </div>
    </Input.Wrapper>
  );
}
