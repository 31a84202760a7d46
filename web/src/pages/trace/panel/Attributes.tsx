import { ActionIcon, CopyButton, TextInput } from "@mantine/core";
import { IconCheck, IconCopy, IconHash, IconSearch, type TablerIcon } from "@tabler/icons-react";
import { useState } from "react";
import side from "@/components/side/Side.module.css";
import type { Span } from "@/data/queries/span";
import { attributeLines } from "@/model/attributes";
import { plural } from "@/model/format";
import styles from "./SpanPanel.module.css";

/** Attributes of the span, its resource and its scope: searched in name and value, copied one by one. */
export function Attributes({ span }: { readonly span: Span }) {
  const [text, setText] = useState("");
  const groups = [
    { label: "Span", lines: attributeLines(span.attributes, text), dropped: span.dropped_attributes },
    { label: "Resource", lines: attributeLines(span.resource_attributes, text), dropped: span.resource_dropped_attributes },
    { label: "Scope", lines: attributeLines(span.scope_attributes, text), dropped: span.scope_dropped_attributes },
  ].filter((group) => group.lines.length || group.dropped);
  return (
    <>
      <TextInput
        size="xs"
        aria-label="Find an attribute"
        placeholder="Find in names and values"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {groups.length ? null : <p className="quiet">No attribute has “{text}” in it.</p>}
      {groups.map((group) => (
        <section key={group.label} aria-label={`${group.label} attributes`}>
          <h4 className={side.part}>
            {group.label}
            {group.dropped ? ` · the sender dropped ${plural(group.dropped, "attribute")}` : ""}
          </h4>
          {group.lines.map((line) => (
            <div key={line.key} className={`${styles.line} mono`}>
              <span className={styles.key}>{line.key}</span>
              <span className={styles.value} title={line.type}>
                {line.text}
              </span>
              <span className={styles.tools}>
                <Copy label={`Copy the name ${line.key}`} value={line.key} icon={IconHash} />
                <Copy label={`Copy the value of ${line.key}`} value={line.text} icon={IconCopy} />
              </span>
            </div>
          ))}
        </section>
      ))}
    </>
  );
}

function Copy({ label, value, icon: Icon }: { readonly label: string; readonly value: string; readonly icon: TablerIcon }) {
  return (
    <CopyButton value={value} timeout={1600}>
      {({ copied, copy }) => (
        <ActionIcon variant="subtle" color="gray" size="xs" onClick={copy} aria-label={copied ? "Copied" : label} title={label}>
          {copied ? <IconCheck size={12} /> : <Icon size={12} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
