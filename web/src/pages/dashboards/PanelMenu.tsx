import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconExternalLink, IconFrame, IconLink } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { useShared } from "@/app/scope";
import type { Panel } from "@/model/dashboards";
import { panelSearch } from "@/model/panel-search";

/** Share one panel: its link holds all of it, so it goes on to work when the dashboard is changed. */
export function PanelMenu({ panel }: { readonly panel: Panel }) {
  const router = useRouter();
  const shared = useShared();
  const href = router.buildLocation({ to: "/embed/panel", search: { ...shared, ...panelSearch(panel) } as never }).href;
  const address = () => new URL(href, location.href).href;
  const frame = () => `<iframe src="${address().replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" width="640" height="360"></iframe>`;
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size={22} aria-label={`Share ${panel.title}`} title="Share">
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={href} target="_blank" rel="noopener" leftSection={<IconExternalLink size={14} />}>
          Open alone
        </Menu.Item>
        <Menu.Item leftSection={<IconLink size={14} />} onClick={() => void navigator.clipboard.writeText(address())}>
          Copy the link
        </Menu.Item>
        <Menu.Item leftSection={<IconFrame size={14} />} onClick={() => void navigator.clipboard.writeText(frame())}>
          Copy an iframe
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
