import { Drawer } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useFocusBack } from "../useFocusBack";
import { useNarrow } from "../useNarrow";
import { Resizer } from "./Resizer";
import styles from "./Side.module.css";

interface Props {
  readonly label: string;
  readonly children: ReactNode;
  readonly width: number;
  readonly onWidth: (px: number) => void;
  readonly onClose: () => void;
}

/** Where what is chosen is told: beside the view, or over it where there is no room. */
export function Side({ label, children, width, onWidth, onClose }: Props) {
  const narrow = useNarrow();
  useFocusBack();
  const [dragged, setDragged] = useState<number | null>(null);
  if (narrow) {
    return (
      <Drawer opened onClose={onClose} position="bottom" size="82%" withCloseButton={false} padding={0} aria-label={label}>
        <div className={styles.drawer}>{children}</div>
      </Drawer>
    );
  }
  const drop = (px: number) => {
    setDragged(null);
    onWidth(px);
  };
  return (
    <>
      <Resizer width={dragged ?? width} onDrag={setDragged} onWidth={drop} />
      <aside className={styles.side} style={{ width: dragged ?? width }} aria-label={label}>
        {children}
      </aside>
    </>
  );
}
