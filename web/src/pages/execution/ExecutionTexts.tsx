import { LongText } from "@/components/LongText";
import { Section } from "@/components/Section";
import type { ExecutionDetail } from "@/data/queries/executions";
import styles from "./ExecutionPage.module.css";

/** What went in and what came out; nothing where neither is told. */
export function ExecutionTexts({ run }: { readonly run: ExecutionDetail }) {
  if (!run.input && !run.output) return null;
  return (
    <Section title="In and out">
      <div className={styles.texts}>
        {run.input ? <Text title="In" text={run.input} /> : null}
        {run.output ? <Text title="Out" text={run.output} /> : null}
      </div>
    </Section>
  );
}

function Text({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div className={styles.text}>
      <h3>{title}</h3>
      <LongText text={text} />
    </div>
  );
}
