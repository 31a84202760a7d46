/** What is chosen among evidence, in words: why it belongs to a span, and what else is known of it. */
import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Evidence } from "@/model/evidence";
import type { Item } from "@/model/evidence-item";
import { actionText, didOf, programOf, visible } from "@/model/evidence-words";
import styles from "../side/Side.module.css";
import { ActionStory } from "./ActionStory";
import { CallStory } from "./CallStory";
import { GroupStory } from "./GroupStory";
import type { Opening } from "./opening";
import { ProcessStory } from "./ProcessStory";

interface Props extends Opening {
  readonly evidence: Evidence;
  readonly item: Item;
  readonly onClose: () => void;
}

export function ItemPanel({ evidence, item, onClose, ...opening }: Props) {
  const title = titleOf(item);
  return (
    <>
      <header className={styles.head}>
        <h3 className={`${styles.title} cut`} title={title}>
          {title}
        </h3>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close">
          <IconX size={15} />
        </ActionIcon>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className={styles.body} tabIndex={0} aria-label={title}>
        {storyOf(evidence, item, opening)}
      </section>
    </>
  );
}

function titleOf(item: Item): string {
  if (item.type === "process") return programOf(item.process.told);
  if (item.type === "action") return actionText(item.action);
  if (item.type === "call") return `${visible(item.call.model) || "Model call"} on the wire`;
  return visible(item.group.key) || didOf(item.type);
}

function storyOf(evidence: Evidence, item: Item, opening: Opening): ReactNode {
  if (item.type === "process") return <ProcessStory evidence={evidence} process={item.process} {...opening} />;
  if (item.type === "action") return <ActionStory action={item.action} process={item.process} {...opening} />;
  if (item.type === "call") return <CallStory call={item.call} process={item.process} {...opening} />;
  return <GroupStory evidence={evidence} of={item.type} group={item.group} {...opening} />;
}
