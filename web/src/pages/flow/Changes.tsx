import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { Flow } from "@/data/queries/flow";
import { percent, plural } from "@/model/format";
import { type Change, changeColour, changeWord, differenceWords, type Edge, edgeWords, versionWords } from "@/model/ways";

type Changed = Edge & { readonly change: Change };

const MOST = 40;

/** What this version does in more or fewer of its runs than the other, and how sure that is. */
export function Changes({ edges, flow }: { readonly edges: readonly Changed[]; readonly flow: Flow }) {
  const sure = edges.filter((edge) => edge.change.kind !== "unsure");
  const other = versionWords(flow.against ?? "");
  return (
    <Section
      title={`Beside ${other}`}
      note={
        sure.length
          ? `${plural(sure.length, "step differs", "steps differ")} for certain: at most one in twenty is chance`
          : "nothing differs for certain"
      }
    >
      <SmallTable
        label="Changes"
        rows={edges.slice(0, MOST)}
        columns={columns(flow)}
        keyOf={edgeWords}
        empty="There are no runs of both versions to compare."
      />
      {edges.length > MOST ? <p className="quiet">{plural(edges.length - MOST, "smaller change")} are left out.</p> : null}
    </Section>
  );
}

function columns(flow: Flow): readonly SmallColumn<Changed>[] {
  return [
    { id: "step", label: "Step", wide: true, cell: (edge) => <span title={edgeWords(edge)}>{edgeWords(edge)}</span> },
    {
      id: "kind",
      label: "Now",
      cell: (edge) => <span style={{ color: changeColour(edge.change) }}>{changeWord(edge.change)}</span>,
    },
    { id: "before", label: versionWords(flow.against ?? ""), align: "right", cell: (edge) => percent(edge.change.share) },
    { id: "after", label: versionWords(flow.version), align: "right", cell: (edge) => percent(edge.share) },
    {
      id: "difference",
      label: "Difference, points",
      hint: "Of the share of runs; in brackets the bounds between which it lies 19 times of 20 (Newcombe)",
      align: "right",
      cell: (edge) => differenceWords(edge.change),
    },
    {
      id: "chance",
      label: "False among such",
      hint: "Share of false ones among all steps that differ at least as surely (Fisher's exact test, Benjamini and Hochberg)",
      align: "right",
      cell: (edge) => (
        <span title={`chance alone: ${edge.change.probability.toPrecision(3)}`}>
          {edge.change.false_share < 0.001 ? "< 0.1%" : percent(edge.change.false_share)}
        </span>
      ),
    },
  ];
}
