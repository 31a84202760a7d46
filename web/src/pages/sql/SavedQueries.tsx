import { Button, Menu, TextInput } from "@mantine/core";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import { asApiError } from "@/data/problem";
import { type SavedThing, useChangeSaved, useSaved } from "@/data/queries/saved";
import type { SqlChart, SqlSearch } from "@/model/sql-search";

interface Props {
  readonly text: string;
  readonly chart: SqlChart;
  readonly saved: string | undefined;
  readonly onOpen: (search: SqlSearch) => void;
}

/** Queries that people saved: opened, saved under a name, saved again, deleted. */
export function SavedQueries({ text, chart, saved, onOpen }: Props) {
  const { project } = useScope();
  const list = useSaved(project, "queries");
  const change = useChangeSaved(project, "queries");
  const [name, setName] = useState("");
  const [sure, setSure] = useState(false);
  const open = list.data?.items.find((one) => one.id === saved);
  const failed = change.save.error ?? change.remove.error;
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    change.save.mutate(
      { name: name.trim(), body: { sql: text, chart } },
      { onSuccess: (made) => onOpen({ sql: text, saved: (made as SavedThing).id }) },
    );
    setName("");
  };
  return (
    <>
      <Menu position="bottom-start" width={300} closeOnItemClick onClose={() => setSure(false)}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={14} />}>
            {open?.name ?? "Saved"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <form onSubmit={add} style={{ display: "flex", gap: 6, padding: 6 }}>
            <TextInput
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              placeholder="Save as"
              aria-label="Name of the query"
              style={{ flex: 1 }}
            />
            <Button type="submit" disabled={!name.trim()} loading={change.save.isPending}>
              Save
            </Button>
          </form>
          {open ? (
            <Menu.Item onClick={() => change.save.mutate({ name: open.name, body: { sql: text, chart }, before: open })}>
              Save {open.name} again
            </Menu.Item>
          ) : null}
          {open ? (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={14} />}
              closeMenuOnClick={sure}
              onClick={() => (sure ? change.remove.mutate(open.id, { onSuccess: () => onOpen({ saved: undefined }) }) : setSure(true))}
            >
              {sure ? `Really delete ${open.name}` : `Delete ${open.name}`}
            </Menu.Item>
          ) : null}
          <Menu.Divider />
          {list.data?.items.map((one) => (
            <Menu.Item
              key={one.id}
              onClick={() => "sql" in one.body && onOpen({ sql: one.body.sql, chart: one.body.chart, saved: one.id })}
            >
              {one.name}
            </Menu.Item>
          ))}
          {list.data?.items.length === 0 ? <Menu.Label>Nothing saved yet</Menu.Label> : null}
        </Menu.Dropdown>
      </Menu>
      {failed ? (
        <span role="alert" style={{ color: "var(--status-error)" }}>
          {asApiError(failed).message}
        </span>
      ) : null}
    </>
  );
}
