import { Button, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type Price, usePrices } from "@/data/queries/prices";

const COLUMNS: readonly SmallColumn<Price>[] = [
  { id: "model", label: "Model", cell: (row) => <span title={row.model}>{row.name || row.model}</span> },
  { id: "provider", label: "Provider", cell: (row) => row.provider || <None /> },
  { id: "input", label: "In", align: "right", cell: (row) => usd(row.input) },
  { id: "cache_read", label: "Cache read", align: "right", cell: (row) => usd(row.cache_read) },
  { id: "cache_write", label: "Cache write", align: "right", cell: (row) => usd(row.cache_write) },
  { id: "output", label: "Out", align: "right", cell: (row) => usd(row.output) },
  { id: "call", label: "Per call", align: "right", cell: (row) => usd(row.per_call_usd) },
  { id: "condition", label: "When", wide: true, cell: (row) => <span title={row.condition}>{row.condition || "always"}</span> },
  { id: "source", label: "From", cell: (row) => <span title={row.version}>{row.source}</span> },
];

/** What a million tokens cost, by model. */
export function Prices() {
  const { price = "" } = useSearch({ from: "/shell/models" });
  const navigate = useNavigate();
  const prices = usePrices(price);
  const rows = prices.data?.pages.flatMap((page) => page.items) ?? [];
  const find = (
    <TextInput
      value={price}
      onChange={(event) =>
        void navigate({
          to: ".",
          search: (before: object) => ({ ...before, price: event.currentTarget.value || undefined }) as never,
          replace: true,
        })
      }
      placeholder="Find a model"
      aria-label="Find a model in the price table"
    />
  );
  return (
    <Section title="Prices" note="USD per million tokens" actions={find}>
      <Failed of={prices} />
      <SmallTable
        label="Prices"
        rows={rows}
        columns={COLUMNS}
        keyOf={(row) => `${row.provider} ${row.model} ${row.condition} ${row.source}`}
        empty="No model of that name is in the table."
        loading={prices.isPending}
        failed={prices.isLoadingError}
        stale={prices.isPlaceholderData}
      />
      {prices.hasNextPage ? (
        <Button variant="default" mt={10} loading={prices.isFetchingNextPage} onClick={() => void prices.fetchNextPage()}>
          More models
        </Button>
      ) : null}
    </Section>
  );
}

function usd(value: number | null) {
  if (value === null) return <None />;
  const exact = String(Number(value.toPrecision(6)));
  return `$${/\.\d$|^\d+$/.test(exact) ? value.toFixed(2) : exact}`; // as prices are written, with more digits where there are more
}
