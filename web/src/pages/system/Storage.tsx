import { Bar } from "@/components/Bar";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type StoredTable, useStorage } from "@/data/queries/system";
import { ago, bytes, count, fullCount, percent, utc } from "@/model/format";

/** What each table keeps, since when and for how long, and the room that is left. */
export function Storage() {
  const storage = useStorage();
  const nowMs = storage.dataUpdatedAt || Date.now();
  const rows = (storage.data?.items ?? []).toSorted((a, b) => b.size_bytes - a.size_bytes);
  const most = Math.max(1, ...rows.map((row) => row.size_bytes));
  const columns: readonly SmallColumn<StoredTable>[] = [
    { id: "table", label: "Table", cell: (row) => <span className="mono">{row.table}</span> },
    {
      id: "size",
      label: "Size",
      align: "right",
      cell: (row) => (
        <span title={fullCount(row.size_bytes)}>
          <Bar share={row.size_bytes / most} /> <span style={{ display: "inline-block", minWidth: 64 }}>{bytes(row.size_bytes)}</span>
        </span>
      ),
    },
    { id: "rows", label: "Rows", align: "right", cell: (row) => <span title={fullCount(row.rows)}>{count(row.rows)}</span> },
    { id: "each", label: "Per row", align: "right", cell: (row) => (row.rows ? bytes(row.size_bytes / row.rows) : <None />) },
    { id: "parts", label: "Parts", align: "right", cell: (row) => count(row.parts) },
    {
      id: "oldest",
      label: "Oldest",
      align: "right",
      cell: (row) => (row.oldest ? <span title={utc(row.oldest)}>{ago(row.oldest, nowMs)}</span> : <None />),
    },
    { id: "kept", label: "Kept", align: "right", cell: (row) => (row.keep_days ? `${row.keep_days} days` : "always") },
  ];
  const { disk_free_bytes: free = 0, disk_total_bytes: total = 0 } = storage.data ?? {};
  const all = rows.reduce((sum, row) => sum + row.size_bytes, 0);
  return (
    <Section
      title="Store"
      note={storage.data ? `${bytes(all)} kept, ${bytes(free)} free (${percent(free / total)} of the disk)` : undefined}
    >
      <Failed of={storage} />
      <SmallTable
        label="Store"
        rows={rows}
        columns={columns}
        keyOf={(row) => row.table}
        empty="The store has no tables."
        loading={storage.isPending}
        failed={storage.isLoadingError}
      />
    </Section>
  );
}
