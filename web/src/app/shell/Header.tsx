import { ActionIcon, Menu } from "@mantine/core";
import { IconBrightness, IconCheck, IconKeyboard, IconMenu2, IconSearch } from "@tabler/icons-react";
import styles from "./Header.module.css";
import { ProjectSelect } from "./ProjectSelect";
import { RangePicker } from "./RangePicker";
import { RefreshControl } from "./RefreshControl";
import { SCHEME_LABELS, useScheme } from "./useScheme";
import { useTitle } from "./useTitle";

interface Props {
  readonly onMenu: () => void;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
  readonly onRefresh: () => void;
}

/** Where one is, whose records and which time are shown, and what works on every page. */
export function Header({ onMenu, onSearch, onHelp, onRefresh }: Props) {
  const title = useTitle();
  return (
    <header className={styles.header}>
      <ActionIcon className={styles.menu} size={34} onClick={onMenu} aria-label="Open the navigation">
        <IconMenu2 size={18} />
      </ActionIcon>
      <h1 className={`${styles.title} cut`}>{title}</h1>
      <ProjectSelect />
      <RangePicker />
      <RefreshControl onRefresh={onRefresh} />
      <ActionIcon className={styles.menu} onClick={onSearch} aria-label="Find">
        <IconSearch size={16} />
      </ActionIcon>
      <SchemeMenu />
      <ActionIcon className={styles.wide} onClick={onHelp} aria-label="Keys">
        <IconKeyboard size={17} stroke={1.6} />
      </ActionIcon>
    </header>
  );
}

function SchemeMenu() {
  const { scheme, set } = useScheme();
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon className={styles.wide} aria-label="Light or dark">
          <IconBrightness size={17} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(["auto", "light", "dark"] as const).map((choice) => (
          <Menu.Item key={choice} onClick={() => set(choice)} rightSection={scheme === choice ? <IconCheck size={14} /> : null}>
            {SCHEME_LABELS[choice]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
