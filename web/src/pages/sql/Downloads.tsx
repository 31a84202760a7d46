import { ActionIcon, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { downloadSql } from "@/data/queries/sql";

/** The answer as a file. */
export function Downloads({ sql }: { readonly sql: string }) {
  const scope = useScope();
  const [problem, setProblem] = useState("");
  const save = async (format: "csv" | "parquet") => {
    setProblem("");
    try {
      const address = URL.createObjectURL(await downloadSql(scope, sql, format));
      Object.assign(document.createElement("a"), { href: address, download: `spyglass.${format}` }).click();
      URL.revokeObjectURL(address);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {problem ? <span role="alert">{problem}</span> : null}
      <Menu>
        <Menu.Target>
          <ActionIcon disabled={!sql} aria-label="Download">
            <IconDownload size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void save("csv")}>CSV</Menu.Item>
          <Menu.Item onClick={() => void save("parquet")}>Parquet</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
