import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { Resizer } from "../panel/Resizer";
import styles from "./EvidenceView.module.css";

interface Props {
  readonly children: ReactNode;
  readonly width: number;
  readonly onWidth: (px: number) => void;
  readonly onClose: () => void;
}

/** Where what is chosen is told: beside the evidence, or over it where there is no room. */
export function ItemSide({ children, width, onWidth, onClose }: Props) {
  const narrow = useMediaQuery("(max-width: 760px)", window.innerWidth <= 760, { getInitialValueInEffect: false });
  const [dragged, setDragged] = useState<number | null>(null);
  if (narrow) {
    return (
      <Drawer opened onClose={onClose} position="bottom" size="82%" withCloseButton={false} padding={0} aria-label="Evidence">
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
      <aside className={styles.side} style={{ width: dragged ?? width }} aria-label="Evidence">
        {children}
      </aside>
    </>
  );
}
