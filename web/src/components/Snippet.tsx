import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import styles from "./Snippet.module.css";

/** Text to copy, as it stands. */
export function Snippet({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className={styles.snippet}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a <section> may not be text that is kept as it stands */}
      <pre className={`${styles.code} mono`} role="region" tabIndex={0} aria-label={label}>
        {code}
      </pre>
      <CopyButton value={code} timeout={1600}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon className={styles.copy} onClick={copy} aria-label={copied ? "Copied" : `Copy ${label}`}>
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
