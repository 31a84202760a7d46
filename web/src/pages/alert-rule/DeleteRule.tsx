import { Button, Popover } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { useChangeRule } from "@/data/queries/alerts";

interface Props {
  readonly name: string;
  readonly author: string;
  readonly onDone: () => void;
}

/** Deletes a rule after a second click. */
export function DeleteRule({ name, author, onDone }: Props) {
  const { project } = useScope();
  const change = useChangeRule(project);
  const [asked, ask] = useState(false);
  return (
    <Popover opened={asked} onChange={ask} trapFocus returnFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button variant="default" size="compact-sm" aria-expanded={asked} onClick={() => ask(!asked)}>
          Delete
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div style={{ display: "grid", gap: 8, width: 260 }}>
          <span>Its alerts are resolved; its versions stay.</span>
          {change.error ? <Problem error={change.error} /> : null}
          <Button
            color="red"
            size="compact-sm"
            loading={change.isPending}
            onClick={() => change.mutate({ do: "delete", name, author }, { onSuccess: onDone })}
          >
            Delete {name}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
