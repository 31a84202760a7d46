import { ActionIcon, Tooltip } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { keyParts } from "@/app/keys";
import { NAVIGATION, type NavigationItem } from "@/app/navigation";
import { Flow } from "./Flow";
import styles from "./Navigation.module.css";
import { NewCount } from "./NewCount";

interface Props {
  readonly folded: boolean;
  readonly onSearch: () => void;
  readonly onFold?: () => void;
  readonly onChosen?: () => void;
}

/** The list of pages; folded it shows icons only. */
export function Navigation({ folded, onSearch, onFold, onChosen }: Props) {
  return (
    <div className={styles.navigation}>
      <Link to="/" className={styles.brand} aria-label="Spyglass" {...(onChosen ? { onClick: onChosen } : {})}>
        <img src="/spyglass.svg" width={22} height={22} alt="" />
        {folded ? null : "Spyglass"}
      </Link>
      <button
        type="button"
        className={styles.search}
        onClick={() => {
          onChosen?.();
          onSearch();
        }}
        aria-label="Find"
      >
        <IconSearch size={14} />
        {folded ? null : (
          <>
            Find… <kbd>{keyParts("mod+k").join(" ")}</kbd>
          </>
        )}
      </button>
      {NAVIGATION.map((group) => (
        <section key={group.label} aria-label={group.label}>
          {folded ? null : <div className={styles.group}>{group.label}</div>}
          <ul className={styles.list}>
            {group.items.map((item) => (
              <li key={item.label}>
                <Item item={item} folded={folded} onChosen={onChosen} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <div className={styles.foot}>
        {folded ? null : <Flow />}
        {onFold ? (
          <ActionIcon onClick={onFold} aria-label={folded ? "Unfold the navigation" : "Fold the navigation"}>
            {folded ? <IconLayoutSidebarLeftExpand size={16} /> : <IconLayoutSidebarLeftCollapse size={16} />}
          </ActionIcon>
        ) : null}
      </div>
    </div>
  );
}

function Item({
  item,
  folded,
  onChosen,
}: {
  readonly item: NavigationItem;
  readonly folded: boolean;
  readonly onChosen: (() => void) | undefined;
}) {
  const link = (
    <Link
      to={item.to}
      className={styles.item}
      {...(item.alone ? { activeOptions: { exact: true, includeSearch: false } } : {})}
      {...(folded ? { "aria-label": item.label } : {})}
      {...(onChosen ? { onClick: onChosen } : {})}
    >
      <item.icon size={16} stroke={1.75} />
      {folded ? null : item.label}
      {item.counts ? <NewCount of={item.counts} folded={folded} /> : null}
    </Link>
  );
  return folded ? (
    <Tooltip label={item.label} position="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}
