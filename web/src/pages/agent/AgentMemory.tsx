import { Button, SegmentedControl } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type MemoryKey, type MemoryOperation, useAgentMemory, useMemoryHistory } from "@/data/queries/registry";
import { readAgentSearch } from "@/model/definition";
import { bytes, count, plural } from "@/model/format";
import { brief } from "@/model/state-marks";
import styles from "./Registry.module.css";

/** What the agent remembers at the end of the time that is looked at, or each read and write in it. */
export function AgentMemory({ name }: { readonly name: string }) {
  const scope = useScope();
  const history = readAgentSearch(useSearch({ strict: false })).memory === "history";
  const navigate = useNavigate();
  const held = useAgentMemory(scope, name);
  const done = useMemoryHistory(scope, name, history);
  const show = (value: string) =>
    void navigate({
      to: ".",
      search: (before: object) => ({ ...before, memory: value === "history" ? value : undefined }) as never,
      resetScroll: false,
    });
  const rows = held.data?.items ?? [];
  if (held.isSuccess && !rows.length && !history) return null; // few agents have a memory that they tell of
  return (
    <Section
      title="Memory"
      note={rows.length ? `${plural(rows.length, "key")}${held.data?.truncated ? " of more" : ""}` : undefined}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="What of its memory"
          value={history ? "history" : "held"}
          onChange={show}
          data={[
            { value: "held", label: "What it holds" },
            { value: "history", label: "Reads and writes" },
          ]}
        />
      }
    >
      {history ? (
        <>
          <Failed of={done} />
          <SmallTable
            label="Reads and writes of its memory"
            rows={done.data?.pages.flatMap((page) => page.items) ?? []}
            columns={operations(done.dataUpdatedAt || Date.now())}
            keyOf={(one) => `${one.time} ${one.action} ${one.scope} ${one.key} ${one.span_id}`}
            empty="None in this time."
            loading={done.isPending}
            failed={done.isLoadingError}
          />
          {done.hasNextPage ? (
            <Button variant="default" size="compact-sm" mt={8} loading={done.isFetchingNextPage} onClick={() => void done.fetchNextPage()}>
              Earlier ones
            </Button>
          ) : null}
        </>
      ) : (
        <>
          <Failed of={held} />
          <SmallTable
            label="Memory"
            rows={rows}
            columns={keys(held.dataUpdatedAt || Date.now())}
            keyOf={(one) => `${one.scope}\n${one.key}`}
            empty="It tells of no memory."
            loading={held.isPending}
            failed={held.isLoadingError}
          />
        </>
      )}
    </Section>
  );
}

function keys(nowMs: number): readonly SmallColumn<MemoryKey>[] {
  return [
    { id: "key", label: "Key", cell: (one) => <span className="mono">{one.key}</span> },
    { id: "scope", label: "Scope", cell: (one) => one.scope || <None /> },
    { id: "value", label: "Value", wide: true, cell: (one) => <Value value={one.value} /> },
    { id: "changed", label: "Written", cell: (one) => (one.changed ? <When iso={one.changed} nowMs={nowMs} /> : <None />) },
    { id: "reads", label: "Reads", align: "right", cell: (one) => count(one.reads) },
    { id: "writes", label: "Writes", align: "right", cell: (one) => count(one.writes) },
    { id: "size", label: "Size", align: "right", cell: (one) => (one.size_bytes ? bytes(one.size_bytes) : <None />) },
  ];
}

function operations(nowMs: number): readonly SmallColumn<MemoryOperation>[] {
  return [
    {
      id: "time",
      label: "When",
      cell: (one) =>
        one.execution_id ? (
          <Link to="/executions/$executionId" params={{ executionId: one.execution_id }} search={{ show: "memory" } as never}>
            <When iso={one.time} nowMs={nowMs} />
          </Link>
        ) : (
          <When iso={one.time} nowMs={nowMs} />
        ),
    },
    { id: "action", label: "Did", cell: (one) => <span className={one.action === "delete" ? styles.gone : ""}>{one.action}</span> },
    { id: "key", label: "Key", cell: (one) => <span className="mono">{one.key}</span> },
    { id: "scope", label: "Scope", cell: (one) => one.scope || <None /> },
    { id: "value", label: "Value", wide: true, cell: (one) => <Value value={one.value} /> },
    { id: "size", label: "Size", align: "right", cell: (one) => (one.size_bytes ? bytes(one.size_bytes) : <None />) },
  ];
}

function Value({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined) return <None />;
  return (
    <span className="mono" title={brief(value, 2000)}>
      {brief(value)}
    </span>
  );
}
