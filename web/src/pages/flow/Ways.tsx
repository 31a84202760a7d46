import { Link } from "@tanstack/react-router";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { Flow } from "@/data/queries/flow";
import { ago, count, percent, utc } from "@/model/format";
import { WayLine } from "./WayLine";

type Way = Flow["ways"][number];

/** The ways that most runs take. */
export function Ways({ flow }: { readonly flow: Flow }) {
  return (
    <Section title="Usual ways" note="runs that called the same tools in the same order">
      <SmallTable label="Usual ways" rows={flow.ways} columns={columns(Date.now())} keyOf={(way) => way.trace_id} empty="" />
    </Section>
  );
}

function columns(nowMs: number): readonly SmallColumn<Way>[] {
  return [
    { id: "runs", label: "Runs", align: "right", cell: (way) => `${count(way.runs)} · ${percent(way.share)}` },
    { id: "way", label: "Steps", wide: true, cell: (way) => <WayLine steps={way.steps} cut={way.cut} /> },
    {
      id: "bits",
      label: "Surprise",
      hint: "Bits per step: 0 is what all others do, each more is half as likely",
      align: "right",
      cell: (way) => (way.bits === null ? "–" : way.bits.toFixed(1)),
    },
    {
      id: "trace",
      label: "Latest",
      align: "right",
      cell: (way) => (
        <Link to="/traces/$traceId" params={{ traceId: way.trace_id }} title={utc(way.last_seen)}>
          {ago(way.last_seen, nowMs)}
        </Link>
      ),
    },
  ];
}
