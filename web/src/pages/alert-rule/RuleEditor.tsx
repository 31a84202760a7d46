import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type FormEvent, useMemo, useState } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Problem";
import { useChangeRule } from "@/data/queries/alerts";
import { readWho, writeWho } from "@/data/who";
import { type RuleForm, readForm } from "@/model/alert-rule";
import { visible } from "@/model/evidence-words";
import { ConditionFields } from "./ConditionFields";
import { DeleteRule } from "./DeleteRule";
import { MeaningFields } from "./MeaningFields";
import { Preview } from "./Preview";
import styles from "./RulePage.module.css";
import { TimeFields } from "./TimeFields";

interface Props {
  readonly form: RuleForm;
  /** Which was seen; 0: it is a new one. */
  readonly version: number;
  readonly problem?: string;
  readonly onDone: () => void;
}

const PAUSE_MS = 700; // after the last letter, until it is tried

export function RuleEditor({ form: kept, version, problem = "", onDone }: Props) {
  const { project } = useScope();
  const change = useChangeRule(project);
  const [form, setForm] = useState(kept);
  const [author, setAuthor] = useState(readWho);
  const read = useMemo(() => readForm(form), [form]);
  const [tried] = useDebouncedValue(read.rule, PAUSE_MS);
  const set = (more: Partial<RuleForm>) => setForm((before) => ({ ...before, ...more }));
  const ready = read.rule !== null && !read.mistakes.name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    writeWho(author.trim());
    change.mutate({ do: "put", name: form.name, rule: read.rule, version, author: author.trim() }, { onSuccess: onDone });
  };
  const parts = { form, mistakes: read.mistakes, onSet: set };
  return (
    <div className={styles.page}>
      <form className={styles.form} onSubmit={submit} aria-label={version ? `Rule ${kept.name}` : "New rule"}>
        <header className={styles.head}>
          <h2 className="cut">{version ? kept.name : "New rule"}</h2>
          {version ? <DeleteRule name={kept.name} author={author.trim()} onDone={onDone} /> : null}
        </header>
        {problem ? <Problem error={new Error(visible(problem))} /> : null}
        <ConditionFields {...parts} isNew={version === 0} />
        <TimeFields {...parts} />
        <MeaningFields {...parts} author={author} onAuthor={setAuthor} />
        {change.error ? <Problem error={change.error} /> : null}
        <div className={styles.buttons}>
          <ButtonLink variant="default" to="/alerts" search={{ show: "rules" } as never}>
            Cancel
          </ButtonLink>
          <Button type="submit" loading={change.isPending} disabled={!ready}>
            Keep
          </Button>
        </div>
      </form>
      <Preview rule={tried} />
    </div>
  );
}
