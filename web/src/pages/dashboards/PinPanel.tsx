import { Button, Menu } from "@mantine/core";
import { IconLayoutDashboard, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { type Change, type SavedThing, useChangeSaved, useSaved } from "@/data/queries/saved";
import { type Panel, panelsOf } from "@/model/dashboards";
import { below } from "@/model/grid";

/** Put what is looked at into a dashboard: one that there is, or a new one; that is opened then. */
export function PinPanel({ panel }: { readonly panel: Panel }) {
  const { project } = useScope();
  const saved = useSaved(project, "dashboards");
  const { save } = useChangeSaved(project, "dashboards");
  const navigate = useNavigate();
  const keep = (change: Change) =>
    save.mutate(change, { onSuccess: (made) => void navigate({ to: "/dashboards/$id", params: { id: (made as SavedThing).id } }) });
  const pin = (one: SavedThing) => {
    const panels = panelsOf("description" in one.body ? one.body : {});
    const description = "description" in one.body ? one.body.description : "";
    keep({ name: one.name, body: { description, panels: [...panels, { ...panel, y: below(panels) }].map(plain) }, before: one });
  };
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="default" leftSection={<IconLayoutDashboard size={14} />} loading={save.isPending}>
            Add to a dashboard
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(saved.data?.items ?? []).map((one) => (
            <Menu.Item key={one.id} onClick={() => pin(one)}>
              {one.name}
            </Menu.Item>
          ))}
          <Menu.Item
            leftSection={<IconPlus size={14} />}
            onClick={() => keep({ name: panel.title, body: { description: "", panels: [plain(panel)] } })}
          >
            A new one
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {save.error ? <Problem error={save.error} /> : null}
    </>
  );
}

function plain(panel: Panel) {
  return { ...panel, group_by: [...panel.group_by] };
}
