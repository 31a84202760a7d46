import { Modal } from "@mantine/core";
import { keyParts, useKeyList } from "@/app/keys";
import { useFocusBack } from "@/components/useFocusBack";
import styles from "./KeyHelp.module.css";

/** Every key that works now, by group; those that do the same stand together. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  useFocusBack();
  const groups = Map.groupBy(useKeyList(), (one) => one.group);
  return (
    <Modal opened onClose={onClose} title="Keys" size={620} closeButtonProps={{ "aria-label": "Close" }}>
      <div className={styles.groups}>
        {[...groups].map(([group, bindings]) => (
          <section key={group} className={styles.group} aria-label={group}>
            <h3 className={styles.heading}>{group}</h3>
            {[...Map.groupBy(bindings, (one) => one.label)].map(([label, same]) => (
              <div key={label} className={styles.row}>
                <span>{label}</span>
                <span className={styles.ways}>
                  {[...new Set(same.map((one) => one.keys))].map((keys) => (
                    <span key={keys} className={styles.keys}>
                      {keyParts(keys).map((part, at) => (
                        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text, and the same key may come twice
                        <kbd key={at}>{part}</kbd>
                      ))}
                    </span>
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
