import { Button, Menu, ScrollArea } from "@mantine/core";
import { IconCheck, IconSelector } from "@tabler/icons-react";
import { useState } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { useProjects } from "@/data/queries/projects";
import { count, fullCount } from "@/model/format";
import { DEFAULT_PROJECT } from "@/model/search-state";
import styles from "./Choice.module.css";

/** Whose records are shown. */
export function ProjectSelect() {
  const { project } = useScope();
  const change = useChangeShared();
  const [opened, setOpened] = useState(false);
  const projects = useProjects(opened);
  const known = projects.data?.items ?? [];
  const names = [...new Set([project, ...known.map((one) => one.project), DEFAULT_PROJECT])];
  return (
    <Menu width={240} onOpen={() => setOpened(true)}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          className={styles.choice}
          rightSection={<IconSelector size={13} />}
          aria-label={`Project: ${project}`}
        >
          <span className="cut">{project}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Project</Menu.Label>
        <ScrollArea.Autosize mah={360}>
          {names.map((name) => {
            const spans = known.find((one) => one.project === name)?.spans;
            return (
              <Menu.Item
                key={name}
                onClick={() => change.project(name)}
                leftSection={<IconCheck size={14} visibility={name === project ? "visible" : "hidden"} />}
                rightSection={
                  spans === undefined ? null : (
                    <span className="quiet numbers" title={`${fullCount(spans)} spans in 30 days`}>
                      {count(spans)}
                    </span>
                  )
                }
              >
                {name}
              </Menu.Item>
            );
          })}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
