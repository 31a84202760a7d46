import { Button, Popover } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { type Configuration, useChangeConfiguration } from "@/data/queries/registry";

interface Props {
  readonly agent: string;
  readonly of: Configuration;
}

/** Deletes a configuration after a second click; one that is deployed somewhere cannot be deleted, and says where. */
export function DeleteConfiguration({ agent, of }: Props) {
  const { project } = useScope();
  const change = useChangeConfiguration(project, agent);
  const [asked, ask] = useState(false);
  const deployed = of.environments.join(", ");
  return (
    <Popover opened={asked} onChange={ask} trapFocus returnFocus position="bottom-start" shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          size="compact-xs"
          disabled={deployed !== ""}
          title={deployed ? `It is deployed: ${deployed}` : undefined}
          aria-expanded={asked}
          aria-label={`Delete configuration ${of.number}`}
          onClick={() => ask(!asked)}
        >
          {deployed ? "Deployed: cannot be deleted" : "Delete"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div style={{ display: "grid", gap: 8, width: 280 }}>
          <span>Configuration {of.number} is gone then: its number stays taken, and nothing can be rolled back to it.</span>
          {change.error ? <Problem error={change.error} /> : null}
          <Button
            color="red"
            size="compact-sm"
            loading={change.isPending}
            onClick={() => change.mutate({ do: "delete", number: of.number })}
          >
            Delete configuration {of.number}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
