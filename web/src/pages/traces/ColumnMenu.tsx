import { Button, Menu } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { COLUMNS, type ColumnId, moveColumn, toggleColumn } from "@/model/traces-search";
import styles from "./ColumnMenu.module.css";
import { traceColumns } from "./traceColumns";

interface Props {
  readonly columns: readonly ColumnId[];
  readonly onChange: (columns: readonly ColumnId[]) => void;
  /** The usual ones, as wide as usual. */
  readonly onReset: () => void;
}

const LABELS = Object.fromEntries(traceColumns(COLUMNS, 0).map((column) => [column.id, column.label]));

/** Which columns the table has, and in which order. */
export function ColumnMenu({ columns, onChange, onReset }: Props) {
  const order = [...columns, ...COLUMNS.filter((id) => !columns.includes(id))];
  const move = (event: KeyboardEvent, id: ColumnId) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(moveColumn(columns, id, step));
  };
  return (
    <Menu closeOnItemClick={false} width={220}>
      <Menu.Target>
        <Button variant="default" h={32} className={styles.button} leftSection={<IconColumns3 size={15} stroke={1.7} />}>
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>← → move one, drag its head does too</Menu.Label>
        {order.map((id) => (
          <Menu.CheckboxItem
            key={id}
            checked={columns.includes(id)}
            disabled={id === "name" && columns.length === 1}
            onChange={() => id !== "name" && onChange(toggleColumn(columns, id))}
            onKeyDown={(event) => move(event, id)}
          >
            {LABELS[id]}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={onReset}>The usual ones</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
