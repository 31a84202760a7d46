import { Button, Textarea, TextInput } from "@mantine/core";
import type { ModuleField, ModuleForm } from "@/model/alert-modules";
import type { Fields } from "./fields";
import styles from "./RulePage.module.css";

interface Props {
  readonly at: number;
  readonly module: ModuleForm;
  readonly mistakes: Fields["mistakes"];
  readonly onSet: (more: Partial<ModuleForm>) => void;
  /** Left out: it is the first. */
  readonly onEarlier: (() => void) | undefined;
  readonly onOut: () => void;
}

/** What is expected of one module. */
export function OneModule({ at, module, mistakes, onSet, onEarlier, onOut }: Props) {
  const name = `Module ${at + 1}`;
  const field = (which: ModuleField) =>
    ({
      size: "xs",
      inputWrapperOrder: ["label", "input", "description", "error"] as ("label" | "input" | "description" | "error")[],
      value: module[which],
      error: mistakes[`modules.${at}.${which}`],
      spellCheck: false,
      onChange: (event: { currentTarget: { value: string } }) => onSet({ [which]: event.currentTarget.value }),
    }) as const;
  return (
    <fieldset className={styles.module} aria-label={name}>
      <div className={styles.whole}>
        <Textarea
          {...field("match")}
          label="Groups that match"
          placeholder="agent=billing-*"
          description="one in each line, names as in “An alert for each”"
          autosize
          minRows={1}
          maxRows={10}
          classNames={{ input: "mono" }}
        />
      </div>
      <TextInput {...field("rates")} label="Warning, error, critical below" />
      <TextInput {...field("minCount")} label="At least so many records" description="empty: as of others" />
      <div className={`${styles.whole} ${styles.moves}`}>
        {onEarlier ? (
          <Button variant="default" size="compact-xs" onClick={onEarlier} aria-label={`Move ${name} up`}>
            Move up
          </Button>
        ) : null}
        <Button variant="default" size="compact-xs" onClick={onOut} aria-label={`Take out ${name}`}>
          Take out
        </Button>
      </div>
    </fieldset>
  );
}
