import { Button, Menu } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { COLUMNS, type ColumnId, directionLabel, moveColumn, ORDERS, type Order, type sortOf, toggleColumn } from "@/model/traces-search";
import styles from "./ColumnMenu.module.css";
import { traceColumns } from "./traceColumns";

interface Props {
  readonly columns: readonly ColumnId[];
  readonly onChange: (columns: readonly ColumnId[]) => void;
  /** The usual ones, as wide as usual. */
  readonly onReset: () => void;
  readonly sorted: ReturnType<typeof sortOf>;
  readonly onSort: (column: Order) => void;
}

const LABELS = Object.fromEntries(traceColumns(COLUMNS, 0).map((column) => [column.id, column.label]));

/** Which columns the table has, and in which order; on a phone, where nothing has a head, also what it is sorted by. */
export function ColumnMenu({ columns, onChange, onReset, sorted, onSort }: Props) {
  const order = [...columns, ...COLUMNS.filter((id) => !columns.includes(id))];
  const move = (event: KeyboardEvent, id: ColumnId) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(moveColumn(columns, id, step));
  };
  return (
    <Menu closeOnItemClick={false} width={220} position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          h={32}
          className={styles.button}
          aria-label="Columns"
          leftSection={<IconColumns3 size={15} stroke={1.7} />}
        >
          <span className={styles.word}>Columns</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu ?? ""}>
        <div className={styles.narrowOnly}>
          <Menu.Label>Sort by; once more for the other way</Menu.Label>
          {ORDERS.map((id) => (
            <Menu.CheckboxItem key={id} checked={sorted.sort === id} onChange={() => onSort(id)}>
              {sorted.sort === id ? `${LABELS[id]}, ${directionLabel(id, sorted.order)}` : LABELS[id]}
            </Menu.CheckboxItem>
          ))}
          <Menu.Divider />
        </div>
        <Menu.Label>Shown; ← → move one</Menu.Label>
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
        <Menu.Item onClick={onReset}>Reset columns</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
