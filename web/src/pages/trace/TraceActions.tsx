import { ActionIcon, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconDots, IconLink } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { addressOf, download } from "@/data/client";
import type { Trace } from "@/data/queries/traces";
import { DEFAULT_PROJECT } from "@/model/search-state";
import { traceSql } from "@/model/trace-sql";

/** What can be done with a trace: hand on its address, ask for it elsewhere, take it along. */
export function TraceActions({ project, trace }: { readonly project: string; readonly trace: Trace }) {
  const traceId = trace.trace_id;
  const sql = traceSql(trace);
  const clipboard = useClipboard({ timeout: 1600 });
  const api = new URL(addressOf("/api/v1/traces/{trace_id}", { trace_id: traceId }, { project }), location.origin).href;
  const query = { project, kind: "spans", trace_id: traceId, format: "otlp-json" };
  const otlp = new URL(addressOf("/api/v1/export", {}, query), location.origin).href;
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={clipboard.copied ? "Copied" : "Copy link"}
        title="Copy link"
        onClick={() => clipboard.copy(location.href)}
      >
        {clipboard.copied ? <IconCheck size={16} /> : <IconLink size={16} />}
      </ActionIcon>
      <Menu>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="More actions">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item renderRoot={(props) => <Link {...props} to="/sql" search={{ ...own(project), ...sql } as never} />}>
            Open in SQL
          </Menu.Item>
          <Menu.Item renderRoot={(props) => <Link {...props} to="/compare" search={{ ...own(project), a: traceId } as never} />}>
            Compare with another…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => clipboard.copy(traceId)}>Copy trace id</Menu.Item>
          <Menu.Item onClick={() => clipboard.copy(`curl '${api}'`)}>Copy as curl (JSON)</Menu.Item>
          <Menu.Item onClick={() => clipboard.copy(`curl '${otlp}'`)}>Copy as curl (OTLP)</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => void save(query, `trace-${traceId}.otlp.ndjson`)}>Download OTLP JSON</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

const own = (project: string) => (project === DEFAULT_PROJECT ? {} : { project });

/** By way of the client, as a server may want a key. */
async function save(query: Readonly<Record<string, string>>, name: string): Promise<void> {
  const answer = await download("/api/v1/export", query);
  const url = URL.createObjectURL(await answer.blob());
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
