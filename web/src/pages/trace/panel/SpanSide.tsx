import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import type { SpanOf } from "@/data/queries/span";
import type { TraceRows } from "@/model/trace-rows";
import { Resizer } from "./Resizer";
import { SpanPanel } from "./SpanPanel";
import styles from "./SpanPanel.module.css";

interface Props {
  readonly of: SpanOf;
  readonly trace: TraceRows;
  readonly onClose: () => void;
  readonly onSelect: (span: string) => void;
  readonly width: number;
  readonly onWidth: (px: number) => void;
}

/** Where the chosen span is told: beside the view, or over it where there is no room. */
export function SpanSide({ width, onWidth, ...props }: Props) {
  const narrow = useMediaQuery("(max-width: 760px)", window.innerWidth <= 760, { getInitialValueInEffect: false });
  const [dragged, setDragged] = useState<number | null>(null);
  const shown = dragged ?? width;
  if (narrow) {
    return (
      <Drawer opened onClose={props.onClose} position="bottom" size="82%" withCloseButton={false} padding={0} aria-label="Span">
        <div className={styles.drawer}>
          <SpanPanel {...props} />
        </div>
      </Drawer>
    );
  }
  return (
    <>
      <Resizer
        width={shown}
        onDrag={setDragged}
        onWidth={(px) => {
          setDragged(null);
          onWidth(px);
        }}
      />
      <aside className={styles.side} style={{ width: shown }} aria-label="Span">
        <SpanPanel {...props} />
      </aside>
    </>
  );
}
