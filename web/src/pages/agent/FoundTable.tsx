import { Link } from "@tanstack/react-router";
import { BandChart } from "@/components/BandChart";
import { Severity } from "@/components/Severity";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { Finding } from "@/data/queries/findings";
import { visible } from "@/model/evidence-words";
import { ago, count, utc } from "@/model/format";

/** Findings in short; each leads to all of it. */
export function FoundTable({ rows, nowMs }: { readonly rows: readonly Finding[]; readonly nowMs: number }) {
  return <SmallTable label="Findings" rows={rows} columns={columns(nowMs)} keyOf={(one) => one.fingerprint} empty="" />;
}

function columns(nowMs: number): readonly SmallColumn<Finding>[] {
  return [
    { id: "severity", label: "Severity", cell: (one) => <Severity severity={one.severity} /> },
    {
      id: "title",
      label: "What",
      wide: true,
      cell: (one) => (
        <Link to="/findings" search={{ finding: one.fingerprint, agent: one.agent } as never} title={visible(one.title)}>
          {visible(one.title).slice(0, 300)}
        </Link>
      ),
    },
    { id: "band", label: "Against what was expected", cell: (one) => <BandChart {...one} /> },
    { id: "count", label: "Times", align: "right", cell: (one) => count(one.count) },
    { id: "seen", label: "Last seen", align: "right", cell: (one) => <span title={utc(one.last_seen)}>{ago(one.last_seen, nowMs)}</span> },
  ];
}
