import { Modal } from "@mantine/core";
import { keyParts, useKeyList } from "@/app/keys";
import { useFocusBack } from "@/components/useFocusBack";
import styles from "./KeyHelp.module.css";

/** Every key that is bound now, by group. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  useFocusBack();
  const groups = Map.groupBy(
    useKeyList().filter((one) => !one.silent),
    (one) => one.group,
  );
  return (
    <Modal opened onClose={onClose} title="Keys" size={620} closeButtonProps={{ "aria-label": "Close" }}>
      <div className={styles.groups}>
        {[...groups].map(([group, bindings]) => (
          <section key={group} className={styles.group} aria-label={group}>
            <h3 className={styles.heading}>{group}</h3>
            {bindings.map((one) => (
              <div key={one.keys} className={styles.row}>
                <span>{one.label}</span>
                <span className={styles.keys}>
                  {keyParts(one.keys).map((part, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text, and the same key may come twice
                    <kbd key={at}>{part}</kbd>
                  ))}
                </span>
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  );
}
