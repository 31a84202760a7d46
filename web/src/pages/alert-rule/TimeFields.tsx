import type { Fields } from "./fields";
import styles from "./RulePage.module.css";
import { Text } from "./Text";

/** How long it looks, how often, and how long it must hold. */
export function TimeFields(parts: Fields) {
  const { kind } = parts.form;
  const counted = kind !== "finding" && kind !== "absence";
  return (
    <fieldset className={styles.fields}>
      <legend>How long</legend>
      {kind === "finding" ? (
        <Text {...parts} name="quiet" label="Over when not found for" />
      ) : (
        <>
          <Text {...parts} name="window" label="Looks at the last" />
          {counted ? <Text {...parts} name="minCount" label="At least so many records" /> : null}
          <Text {...parts} name="interval" label="Every" />
          <Text {...parts} name="holds" label="Must hold for" description="before it fires" />
          <Text {...parts} name="keeps" label="Must be gone for" description="before it is over" />
        </>
      )}
    </fieldset>
  );
}
