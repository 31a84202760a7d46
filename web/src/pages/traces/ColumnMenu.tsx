import { Button, Menu } from "@mantine/core";
import { IconCheck, IconColumns3 } from "@tabler/icons-react";
import { COLUMNS, type ColumnId, DEFAULT_COLUMNS, toggleColumn } from "@/model/traces-search";
import styles from "./ColumnMenu.module.css";
import { traceColumns } from "./traceColumns";

interface Props {
  readonly columns: readonly ColumnId[];
  readonly onChange: (columns: readonly ColumnId[]) => void;
}

const ALL = traceColumns(COLUMNS, 0);

/** Which columns the table has. */
export function ColumnMenu({ columns, onChange }: Props) {
  return (
    <Menu closeOnItemClick={false} width={180}>
      <Menu.Target>
        <Button variant="default" h={32} className={styles.button} leftSection={<IconColumns3 size={15} stroke={1.7} />}>
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ALL.filter((column) => column.id !== "name").map((column) => (
          <Menu.Item
            key={column.id}
            role="menuitemcheckbox"
            aria-checked={columns.includes(column.id as ColumnId)}
            onClick={() => onChange(toggleColumn(columns, column.id as ColumnId))}
            leftSection={<IconCheck size={14} visibility={columns.includes(column.id as ColumnId) ? "visible" : "hidden"} />}
          >
            {column.label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => onChange(DEFAULT_COLUMNS)}>The usual ones</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
