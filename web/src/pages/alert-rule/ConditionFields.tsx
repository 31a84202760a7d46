import { KINDS, kindWords, MEASURES, NEW_RULE, SOURCES, type Source } from "@/model/alert-rule";
import { SEVERITIES } from "@/model/findings";
import { Choice } from "./Choice";
import type { Fields } from "./fields";
import styles from "./RulePage.module.css";
import { Text } from "./Text";

/** When there is trouble, and of what. */
export function ConditionFields({ isNew, ...parts }: Fields & { readonly isNew: boolean }) {
  const { form, onSet } = parts;
  const { kind } = form;
  const measured = kind === "threshold" || kind === "change";
  const chooseSource = (source: Source) =>
    onSet({ source, ...(MEASURES[source].includes(form.measure) ? {} : { measure: NEW_RULE.measure }) });
  return (
    <fieldset className={styles.fields}>
      <legend>When</legend>
      {isNew ? <Text {...parts} name="name" label="Name" placeholder="many-errors" patient /> : null}
      <Choice label="It fires when" value={kind} choices={KINDS} wordsOf={kindWords} onChoose={(one) => onSet({ kind: one })} />
      {kind === "finding" ? (
        <Choice label="This bad or worse" value={form.least} choices={SEVERITIES} onChoose={(least) => onSet({ least })} />
      ) : (
        <Choice
          label="Of"
          value={form.source}
          choices={SOURCES}
          wordsOf={(one) => (one === "calls" ? "model calls" : one === "tools" ? "tool calls" : one)}
          onChoose={chooseSource}
        />
      )}
      {measured ? (
        <Choice label="Figure" value={form.measure} choices={MEASURES[form.source]} onChoose={(measure) => onSet({ measure })} />
      ) : null}
      {kind === "threshold" ? (
        <>
          <Choice label="Is" value={form.op} choices={[">", ">=", "<", "<="]} onChoose={(op) => onSet({ op })} />
          <Text {...parts} name="value" label="Bound" description="shares of 1, seconds, USD" />
          <Text {...parts} name="clear" label="Over again behind" description="empty: the bound" />
        </>
      ) : null}
      {kind === "change" ? (
        <>
          <Choice
            label="Which change"
            value={form.direction}
            choices={["both", "rise", "fall"]}
            onChoose={(direction) => onSet({ direction })}
          />
          <Text {...parts} name="by" label="By" description="0.5 is by half" />
          <Text {...parts} name="before" label="Against so long ago" description="0s: the window just before" />
        </>
      ) : null}
      {kind === "success_rate" ? <Text {...parts} name="rates" label="Warning, error, critical below" /> : null}
      {kind === "absence" ? <Text {...parts} name="known" label="Expected are groups of the last" /> : null}
      <div className={styles.whole}>
        <Text
          {...parts}
          name="query"
          label="Of those that match"
          placeholder="agent:planner -environment:test"
          description="a search, as everywhere; empty: all"
          mono
        />
      </div>
      <div className={styles.whole}>
        <Text
          {...parts}
          name="groupBy"
          label="An alert for each"
          placeholder="agent, model"
          description="up to four columns, or attr.<name>; empty: one for all"
          mono
        />
      </div>
    </fieldset>
  );
}
