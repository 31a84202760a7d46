import { ActionIcon, Menu } from "@mantine/core";
import { IconCheck, IconChevronDown, IconRefresh } from "@tabler/icons-react";
import { useIsFetching } from "@tanstack/react-query";
import { useChangeShared, useShared } from "@/app/scope";
import { REFRESH_S } from "@/model/search-state";
import styles from "./RefreshControl.module.css";

/** Ask again: now, or by itself every so often. */
export function RefreshControl({ onRefresh }: { readonly onRefresh: () => void }) {
  const busy = useIsFetching({ predicate: (query) => query.queryKey[0] !== "health" }) > 0;
  const { refresh } = useShared();
  const change = useChangeShared();
  return (
    <span className={styles.control}>
      <ActionIcon onClick={onRefresh} aria-label="Refresh" data-busy={busy}>
        <IconRefresh size={16} stroke={1.7} className={busy ? styles.turning : ""} />
      </ActionIcon>
      <Menu>
        <Menu.Target>
          <ActionIcon className={styles.more} size={28} aria-label="Refresh by itself" data-on={refresh !== undefined}>
            {refresh ? <span className="numbers">{refresh}s</span> : <IconChevronDown size={12} />}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Refresh by itself</Menu.Label>
          {[undefined, ...REFRESH_S].map((seconds) => (
            <Menu.Item
              key={seconds ?? "off"}
              onClick={() => change.refresh(seconds)}
              leftSection={<IconCheck size={14} visibility={seconds === refresh ? "visible" : "hidden"} />}
            >
              {seconds ? `Every ${seconds} s` : "Off"}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
