import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Section } from "@/components/Section";
import { usePlaces } from "@/data/queries/channels";
import { visible } from "@/model/evidence-words";
import { seconds } from "@/model/routing";
import styles from "./Routing.module.css";

/** Tries the tree: labels in, where an alert with them would be told out. */
export function Places() {
  const { project } = useScope();
  const [text, setText] = useState("");
  const [labels, setLabels] = useState<readonly string[]>([]);
  const found = usePlaces(project, labels);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLabels(
      text
        .split(/[,\n]/)
        .map((one) => one.trim())
        .filter(Boolean),
    );
  };
  return (
    <Section title="Where would it go?" note="for an alert with some labels">
      <form onSubmit={submit} className={styles.try}>
        <TextInput
          aria-label="Labels of an alert"
          placeholder="rule=errors, agent=billing, severity=critical"
          value={text}
          maxLength={2000}
          spellCheck={false}
          classNames={{ input: "mono" }}
          rightSectionWidth={62}
          rightSection={
            <Button type="submit" size="compact-sm" variant="default" disabled={!text.trim()}>
              Ask
            </Button>
          }
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Failed of={found} />
        <div role="status">
          {found.data && labels.length ? (
            <>
              {found.data.silenced_by ? (
                <Health state="pending" words={`Silence ${found.data.silenced_by} holds: nobody is told now.`} />
              ) : null}
              {found.data.items.map((one) => (
                <p key={one.path} className={styles.place}>
                  To <b className={styles.label}>{one.channels.join(", ") || "nobody"}</b>, together with what has{" "}
                  {Object.entries(one.group)
                    .map(([name, value]) => `${name}=${visible(value)}`)
                    .join(", ") || "any labels"}
                  ; again after {seconds(one.repeat_interval_s)}
                  {one.escalation ? `; escalates by ${one.escalation}` : ""}. <span className="quiet">Route {one.path}</span>
                </p>
              ))}
            </>
          ) : null}
        </div>
      </form>
    </Section>
  );
}
