import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconBookmark, IconPencil, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { type SavedThing, useSaved } from "@/data/queries/saved";
import { type ViewAction, ViewDialog } from "./ViewDialog";
import styles from "./ViewMenu.module.css";

interface Props {
  /** The page whose views these are, such as `/traces`. */
  readonly page: string;
  /** What the address says now, as a view keeps it. */
  readonly search: Readonly<Record<string, unknown>>;
}

/** Views of a page under a name: everybody of the project sees them; one is a link to a state of the page. */
export function ViewMenu({ page, search }: Props) {
  const { project } = useScope();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const saved = useSaved(project, "views", opened);
  const [action, setAction] = useState<ViewAction | null>(null);
  const views = (saved.data?.items ?? []).filter((one) => "page" in one.body && one.body.page === page);
  const now = JSON.stringify(sorted(search));
  const apply = (view: SavedThing) => {
    if (!("page" in view.body)) return;
    const kept = view.body.search ?? {};
    void navigate({ to: page, search: { ...(project === "default" ? {} : { project }), ...kept } as never });
  };
  return (
    <>
      <Menu width={280} position="bottom-end" onOpen={() => setOpened(true)}>
        <Menu.Target>
          <Button variant="default" h={32} className={styles.button} leftSection={<IconBookmark size={15} stroke={1.7} />}>
            <span className={styles.word}>Views</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {saved.error ? <Problem error={saved.error} onRetry={() => void saved.refetch()} /> : null}
          {views.length === 0 && saved.isSuccess ? <Menu.Label>No view was saved yet</Menu.Label> : null}
          {views.map((view) => (
            <div key={view.id} className={styles.line}>
              <Menu.Item
                className={styles.view}
                onClick={() => apply(view)}
                aria-current={"page" in view.body && JSON.stringify(sorted(view.body.search ?? {})) === now}
              >
                <span className="cut">{view.name}</span>
              </Menu.Item>
              <ActionIcon size={24} aria-label={`Rename ${view.name}`} onClick={() => setAction({ do: "rename", view })}>
                <IconPencil size={13} />
              </ActionIcon>
              <ActionIcon size={24} aria-label={`Delete ${view.name}`} onClick={() => setAction({ do: "delete", view })}>
                <IconTrash size={13} />
              </ActionIcon>
            </div>
          ))}
          {saved.data || saved.error ? <Menu.Divider /> : null}
          <Menu.Item onClick={() => setAction({ do: "save" })}>Save this view…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {action ? <ViewDialog action={action} page={page} search={search} views={views} onClose={() => setAction(null)} /> : null}
    </>
  );
}

function sorted(search: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(search)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
