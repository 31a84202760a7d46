import { Button, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconChevronDown, IconCopy, IconDownload, IconGitCompare } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { useKeys } from "@/app/keys";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Problem";
import { useFocusBack } from "@/components/useFocusBack";
import { type ExportFormat, saveExport } from "@/data/export";
import type { Trace } from "@/data/queries/traces";
import { fullCount, parseTime, plural } from "@/model/format";
import styles from "./SelectionBar.module.css";
import type { Chosen } from "./useSelection";

interface Props {
  readonly chosen: Chosen;
  readonly traces: readonly Trace[];
  readonly query: string;
  /** How many match; null: not known yet. */
  readonly total: number | null;
}

const FORMATS: readonly { readonly format: ExportFormat; readonly label: string }[] = [
  { format: "otlp-json", label: "OTLP JSON, a request per line" },
  { format: "otlp-proto", label: "OTLP protobuf" },
  { format: "arrow", label: "Arrow, every column" },
];
const MOST_IDS = 100; // more would not fit into a search

/** What can be done with the rows that were chosen. */
export function SelectionBar({ chosen, traces, query, total }: Props) {
  const scope = useScope();
  const clipboard = useClipboard({ timeout: 1500 });
  const { ids, everything } = chosen;
  const bar = useRef<HTMLDivElement>(null);
  useFocusBack();
  useKeys([
    { keys: "Escape", label: "Select nothing", group: "Lists", run: chosen.clear },
    { keys: ".", label: "To what can be done with the selected", group: "Lists", run: () => firstOf(bar.current)?.focus() },
  ]);
  const wanted = () => {
    if (everything) return { ...scope, query };
    const own = traces.filter((trace) => ids.includes(trace.trace_id));
    const from = Math.min(...own.map((trace) => parseTime(trace.start)));
    const to = Math.max(...own.map((trace) => parseTime(trace.start) + trace.duration_ns / 1e6));
    return { ...scope, from: new Date(from - 1000).toISOString(), to: new Date(to + 1000).toISOString(), query: `trace:${ids.join(",")}` };
  };
  const save = useMutation({ mutationFn: (format: ExportFormat) => saveExport({ ...wanted(), kind: "spans", format }) });
  const [a, b] = ids;
  const tooMany = !everything && ids.length > MOST_IDS;
  return (
    <div ref={bar} className={styles.bar} role="toolbar" aria-label="What was selected">
      <b className="numbers" role="status">
        {everything ? `All ${fullCount(total ?? ids.length)} that match` : plural(ids.length, "trace")}
      </b>
      {everything || (total !== null && total > ids.length) ? (
        <Button variant="subtle" size="compact-sm" onClick={everything ? chosen.takeListed : chosen.takeEverything}>
          {everything ? `Only the ${fullCount(ids.length)} listed` : `All ${fullCount(total ?? 0)} that match`}
        </Button>
      ) : null}
      <span className={styles.gap} />
      {ids.length === 2 && !everything && a && b ? (
        <ButtonLink
          to={"/compare" as "/traces"}
          search={{ a, b } as never}
          variant="default"
          size="compact-sm"
          leftSection={<IconGitCompare size={14} />}
        >
          Compare
        </ButtonLink>
      ) : (
        <Button variant="default" size="compact-sm" disabled title="Select two traces" leftSection={<IconGitCompare size={14} />}>
          Compare
        </Button>
      )}
      <Menu width={260} position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            size="compact-sm"
            loading={save.isPending}
            leftSection={<IconDownload size={14} />}
            rightSection={<IconChevronDown size={12} />}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {everything ? "Every span that matches" : tooMany ? `Up to ${MOST_IDS} at once` : "All spans of these traces"}
          </Menu.Label>
          {FORMATS.map(({ format, label }) => (
            <Menu.Item key={format} disabled={tooMany} onClick={() => save.mutate(format)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconCopy size={14} />}
        onClick={() => clipboard.copy(ids.join("\n"))}
        title={everything ? "Of those that are listed by now" : undefined}
      >
        {clipboard.copied ? "Copied" : everything ? `Copy ${ids.length} ids` : "Copy ids"}
      </Button>
      <Button variant="subtle" color="gray" size="compact-sm" onClick={chosen.clear}>
        Clear
      </Button>
      {save.error ? <Problem error={save.error} /> : null}
      {clipboard.error ? <Problem error={clipboard.error} /> : null}
    </div>
  );
}

function firstOf(bar: HTMLElement | null): HTMLElement | null {
  return bar?.querySelector<HTMLElement>("a[href], button:enabled") ?? null;
}
