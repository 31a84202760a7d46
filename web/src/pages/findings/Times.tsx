import { Link } from "@tanstack/react-router";
import { BandChart } from "@/components/BandChart";
import { None } from "@/components/None";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { EventRecord } from "@/data/queries/events";
import { formatOfFinding } from "@/model/band";
import { measureOf } from "@/model/finding-details";
import { timesQuery } from "@/model/findings";

interface Props {
  readonly fingerprint: string;
  readonly events: readonly EventRecord[];
  readonly unit: string;
  /** There are earlier ones. */
  readonly more: boolean;
}

/** Each time that it was told, with what was measured then. */
export function Times({ fingerprint, events, unit, more }: Props) {
  const measured = events.some((one) => measureOf(one.attributes).observed !== null);
  return (
    <>
      <h4 className={side.part}>
        Each time{more ? ", the latest hundred" : ""} ·{" "}
        <Link to="/logs" search={{ query: timesQuery(fingerprint) } as never} className={side.link}>
          as events
        </Link>
      </h4>
      <SmallTable
        label="Each time"
        rows={events}
        columns={columns(unit, Date.now()).slice(0, measured ? 3 : 1)}
        keyOf={(one) => one.event_id}
        empty=""
      />
    </>
  );
}

function columns(unit: string, nowMs: number): readonly SmallColumn<EventRecord>[] {
  const format = formatOfFinding(unit);
  return [
    { id: "time", label: "When", cell: (one) => <When iso={one.time} nowMs={nowMs} /> },
    {
      id: "observed",
      label: "Measured",
      align: "right",
      cell: (one) => {
        const { observed } = measureOf(one.attributes);
        return observed === null ? <None /> : format(observed);
      },
    },
    {
      id: "band",
      label: "Against what was expected",
      wide: true,
      cell: (one) => <BandChart {...measureOf(one.attributes)} unit={unit} />,
    },
  ];
}
