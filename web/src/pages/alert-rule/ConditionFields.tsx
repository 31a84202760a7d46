import { KINDS, kindWords, measuresOf, sourcesOf, sourceWords } from "@/model/alert-condition";
import { NEW_RULE, withSource } from "@/model/alert-rule";
import { SEVERITIES } from "@/model/findings";
import { Choice } from "./Choice";
import type { Fields } from "./fields";
import { MetricField } from "./MetricField";
import { ModuleFields } from "./ModuleFields";
import styles from "./RulePage.module.css";
import { Text } from "./Text";

/** When there is trouble, and of what. */
export function ConditionFields({ isNew, ...parts }: Fields & { readonly isNew: boolean }) {
  const { form, onSet } = parts;
  const { kind } = form;
  const measured = kind === "threshold" || kind === "change";
  const sourced = KINDS.some((one) => one === kind) && kind !== "finding";
  const ofPoints = sourced && form.source === "points";
  const sources = sourcesOf(kind);
  const chooseKind = (one: string) => {
    const fits = sourcesOf(one).some((source) => source === form.source);
    onSet({ kind: one, ...(fits ? {} : withSource(form, NEW_RULE.source)) });
  };
  return (
    <fieldset className={styles.fields}>
      <legend>When</legend>
      {isNew ? <Text {...parts} name="name" label="Name" placeholder="many-errors" patient /> : null}
      <Choice label="It fires when" value={kind} choices={KINDS} wordsOf={kindWords} onChoose={chooseKind} />
      {kind === "finding" ? (
        <Choice label="This bad or worse" value={form.least} choices={SEVERITIES} onChoose={(least) => onSet({ least })} />
      ) : null}
      {sourced ? (
        <Choice
          label="Of"
          value={form.source}
          choices={sources}
          wordsOf={sourceWords}
          onChoose={(source) => onSet(withSource(form, source))}
        />
      ) : null}
      {ofPoints ? <MetricField {...parts} /> : null}
      {measured ? (
        <Choice label="Figure" value={form.measure} choices={measuresOf(form.source)} onChoose={(measure) => onSet({ measure })} />
      ) : null}
      {kind === "threshold" ? (
        <>
          <Choice label="Is" value={form.op} choices={[">", ">=", "<", "<="]} onChoose={(op) => onSet({ op })} />
          <Text {...parts} name="value" label="Bound" description={ofPoints ? "in the unit of the metric" : "shares of 1, seconds, USD"} />
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
      {kind === "success_rate" ? <ModuleFields {...parts} /> : null}
      {kind === "absence" ? <Text {...parts} name="known" label="Expected are groups of the last" /> : null}
      <div className={styles.whole}>
        <Text
          {...parts}
          name="query"
          label="Of those that match"
          placeholder={ofPoints ? "service:api attr.zone:eu" : "agent:planner -environment:test"}
          description="a search, as everywhere; empty: all"
          mono
        />
      </div>
      <div className={styles.whole}>
        <Text
          {...parts}
          name="groupBy"
          label="An alert for each"
          placeholder={ofPoints ? "service, attr.queue" : "agent, model"}
          description="up to four columns, or attr.<name>; empty: one for all"
          mono
        />
      </div>
    </fieldset>
  );
}
