import { NativeSelect } from "@mantine/core";

interface Props<T extends string> {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly T[];
  readonly wordsOf?: (choice: T) => string;
  readonly onChoose: (choice: T) => void;
}

/** One of a few, also one that is not among them but stands there. */
export function Choice<T extends string>({ label, value, choices, wordsOf, onChoose }: Props<T>) {
  const all = choices.includes(value as T) ? choices : [value as T, ...choices];
  return (
    <NativeSelect
      size="xs"
      label={label}
      value={value}
      data={all.map((one) => ({ value: one, label: wordsOf?.(one) ?? one.replaceAll("_", " ") }))}
      onChange={(event) => onChoose(event.currentTarget.value as T)}
    />
  );
}
