import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import { visible } from "@/model/evidence-words";
import { nodeWords, type RouteNode, type RoutePath } from "@/model/routing";
import styles from "./Routing.module.css";

interface Props {
  readonly root: RouteNode;
  readonly busy: boolean;
  readonly onEdit: (path: RoutePath, node: RouteNode) => void;
  readonly onAdd: (path: RoutePath) => void;
  readonly onRemove: (path: RoutePath) => void;
  readonly onMove: (path: RoutePath, step: -1 | 1) => void;
}

/** The routes, each below the one that it narrows. */
export function RouteTree({ root, ...rest }: Props) {
  return (
    <ul className={styles.tree}>
      <Node node={root} path={[]} last {...rest} />
    </ul>
  );
}

function Node({
  node,
  path,
  last,
  ...rest
}: Omit<Props, "root"> & { readonly node: RouteNode; readonly path: RoutePath; readonly last: boolean }) {
  const { busy, onEdit, onAdd, onRemove, onMove } = rest;
  const isRoot = path.length === 0;
  const what = isRoot ? "every alert" : node.match?.length ? visible(node.match.join(", ")) : "every alert that comes here";
  const children = node.routes ?? [];
  return (
    <li>
      <div className={styles.node}>
        <span className={isRoot ? styles.match : `${styles.match} mono`}>{what}</span>
        <span className={styles.to}>
          {node.channels ? (
            node.channels.length ? (
              `→ ${node.channels.join(", ")}`
            ) : (
              "→ nowhere"
            )
          ) : (
            <span className="quiet">→ as above it</span>
          )}
        </span>
        <span className={`${styles.words} quiet`}>{nodeWords(node).map(visible).join(" · ")}</span>
        <span className={styles.acts}>
          <Button
            variant="default"
            size="compact-xs"
            disabled={busy}
            onClick={() => onEdit(path, node)}
            aria-label={`Change the route of ${what}`}
          >
            Change
          </Button>
          <Button variant="default" size="compact-xs" disabled={busy} onClick={() => onAdd(path)} aria-label={`Add a route below ${what}`}>
            Add below
          </Button>
          {isRoot ? null : (
            <>
              <ActionIcon disabled={busy || path.at(-1) === 0} onClick={() => onMove(path, -1)} aria-label={`Move the route of ${what} up`}>
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon disabled={busy || last} onClick={() => onMove(path, 1)} aria-label={`Move the route of ${what} down`}>
                <IconArrowDown size={14} />
              </ActionIcon>
              <ActionIcon disabled={busy} onClick={() => onRemove(path)} aria-label={`Take out the route of ${what}`}>
                <IconTrash size={14} />
              </ActionIcon>
            </>
          )}
        </span>
      </div>
      {children.length ? (
        <ul>
          {children.map((child, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: their order is what they are
            <Node key={at} node={child} path={[...path, at]} last={at === children.length - 1} {...rest} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}
