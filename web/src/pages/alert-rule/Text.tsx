import { TextInput } from "@mantine/core";
import type { TextField } from "@/model/alert-rule";
import type { Fields } from "./fields";

interface Props extends Fields {
  readonly name: TextField;
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly mono?: boolean;
  /** A mistake is told only where something stands. */
  readonly patient?: boolean;
}

/** A field of the form of one line. */
export function Text({ form, mistakes, onSet, name, label, description, placeholder, mono = false, patient = false }: Props) {
  const mistake = patient && !form[name] ? undefined : mistakes[name];
  return (
    <TextInput
      size="xs"
      inputWrapperOrder={["label", "input", "description", "error"]} // labels stand in one line, whatever is said below
      label={label}
      value={form[name]}
      error={mistake}
      spellCheck={false}
      {...(description ? { description } : {})}
      {...(placeholder ? { placeholder } : {})}
      {...(mono ? { classNames: { input: "mono" } } : {})}
      onChange={(event) => onSet({ [name]: event.currentTarget.value })}
    />
  );
}
