import { Button } from "@mantine/core";
import { useScope } from "@/app/scope";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { Snippet } from "@/components/Snippet";
import { type UnknownModel, useReprice, useUnpriced } from "@/data/queries/prices";
import { ago, count, fullCount, utc } from "@/model/format";
import { priceOverride } from "@/model/price-override";

/** Models that were called and have no price: what they cost is missing everywhere until they get one. Nothing is drawn where there are none. */
export function Unpriced() {
  const scope = useScope();
  const unpriced = useUnpriced(scope);
  const reprice = useReprice(scope);
  const rows = unpriced.data?.items ?? [];
  const nowMs = unpriced.dataUpdatedAt || Date.now();
  const [first] = rows;
  if (!first) return null;
  const columns: readonly SmallColumn<UnknownModel>[] = [
    { id: "model", label: "Model", cell: (row) => (row.model ? <b>{row.model}</b> : <span className="quiet">no name</span>) },
    { id: "provider", label: "Provider", cell: (row) => row.provider || <None /> },
    { id: "calls", label: "Calls", align: "right", cell: (row) => <span title={fullCount(row.calls)}>{count(row.calls)}</span> },
    { id: "in", label: "In", align: "right", cell: (row) => <span title={fullCount(row.input_tokens)}>{count(row.input_tokens)}</span> },
    {
      id: "out",
      label: "Out",
      align: "right",
      cell: (row) => <span title={fullCount(row.output_tokens)}>{count(row.output_tokens)}</span>,
    },
    { id: "seen", label: "Last seen", align: "right", cell: (row) => <span title={utc(row.last_seen)}>{ago(row.last_seen, nowMs)}</span> },
  ];
  return (
    <Section
      title="Without a price"
      note="their calls cost nothing until they have one"
      actions={
        <>
          <span className="quiet" role="status">
            {reprice.data
              ? `${count(reprice.data.changed)} of ${count(reprice.data.calls)} calls cost something else now`
              : reprice.error?.message}
          </span>
          <Button variant="default" loading={reprice.isPending} onClick={() => reprice.mutate()}>
            Price this time range again
          </Button>
        </>
      }
    >
      <SmallTable label="Models without a price" rows={rows} columns={columns} keyOf={(row) => `${row.provider} ${row.model}`} empty="" />
      <p className="quiet">Give it a price in spyglass.yaml and restart; then price what there is again.</p>
      <Snippet code={priceOverride(first.model)} label="Price of a model" />
    </Section>
  );
}
