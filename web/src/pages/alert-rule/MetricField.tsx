import { Autocomplete } from "@mantine/core";
import { useScope } from "@/app/scope";
import { useMetrics } from "@/data/queries/metrics";
import { visible } from "@/model/evidence-words";
import type { Fields } from "./fields";
import styles from "./RulePage.module.css";

/** Which metric's points are looked at, completed from those that were told in the time of the page; below it what is known of it. */
export function MetricField({ form, mistakes, onSet }: Fields) {
  const found = useMetrics(useScope());
  const metrics = found.data?.items ?? [];
  const told = metrics.find((one) => one.metric === form.metric.trim());
  const attributes = told?.attributes.map((name) => `attr.${name}`).join(", ");
  const about = told ? [told.type.replaceAll("_", " "), told.unit && `in ${told.unit}`, attributes && `with ${attributes}`] : [];
  return (
    <div className={styles.whole}>
      <Autocomplete
        size="xs"
        inputWrapperOrder={["label", "input", "description", "error"]}
        label="Metric"
        value={form.metric}
        onChange={(metric) => onSet({ metric })}
        data={[...new Set(metrics.map((one) => one.metric))]}
        limit={50}
        maxLength={255}
        placeholder="queue.depth"
        description={visible(about.filter(Boolean).join(", ")) || "its attributes are searched and grouped by as attr.<name>"}
        error={mistakes.metric}
        spellCheck={false}
        comboboxProps={{ shadow: "md" }}
        classNames={{ input: "mono" }}
      />
    </div>
  );
}
