import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Section } from "@/components/Section";
import { SmallTable } from "@/components/SmallTable";
import { useNow } from "@/components/useNow";
import { visible } from "@/model/evidence-words";
import { time, utc } from "@/model/format";
import { seconds } from "@/model/routing";
import styles from "./AlertsPage.module.css";
import type { PartWanted } from "./PartDialog";
import type { RoutingBody } from "./Routing";

type Kind = "schedules" | "escalations" | "hours";

interface Props {
  readonly kind: Kind;
  readonly body: RoutingBody;
  /** Who is on call, by schedule. */
  readonly shifts?: Readonly<Record<string, Shift>>;
  readonly onOpen: (part: PartWanted) => void;
  readonly onKeep: (routing: RoutingBody) => void;
}

interface Shift {
  readonly who: string;
  readonly until: string | null;
  readonly then: string;
}
interface Schedule {
  readonly shift_s: number;
  readonly timezone?: string;
  readonly hours?: readonly Hours[];
  readonly otherwise?: string;
}
interface Hours {
  readonly days?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly timezone?: string;
}
interface Escalation {
  readonly levels: readonly { readonly after_s: number; readonly channels: readonly string[]; readonly on_call?: string }[];
}

const TITLES = { schedules: "On call", escalations: "Escalations", hours: "Hours" } as const;
const ABOUT = {
  schedules: "people whose shifts follow each other",
  escalations: "who is told when nobody acknowledges",
  hours: "parts of the week, for routes",
} as const;
const ONE = { schedules: "schedule", escalations: "escalation", hours: "hours" } as const;
const SCHEMAS = { schedules: "OnCall", escalations: "Escalation", hours: "Hours" } as const;
const EMPTY = {
  schedules: "None. A schedule says who is named in notices that escalate.",
  escalations: "None: a notice that nobody acknowledges is only repeated.",
  hours: "None. A route can be muted in them, or outside of them.",
} as const;

/** Parts of the routing that routes name: schedules, escalations, hours. */
export function NamedParts({ kind, body, shifts, onOpen, onKeep }: Props) {
  const nowMs = useNow(kind === "schedules", 0);
  const parts = body[kind] ?? {};
  const part = (name: string, value: unknown): PartWanted => ({
    title: name ? `${TITLES[kind]}: ${name}` : `New ${ONE[kind]}`,
    schema: SCHEMAS[kind],
    name,
    // Hours are a list of their own; the others are objects.
    ...(kind === "hours" ? { listed: "parts", values: { parts: value ?? [{}] } } : { values: (value ?? {}) as Record<string, unknown> }),
    make: (values, given) => ({ ...body, [kind]: { ...parts, [given]: kind === "hours" ? values["parts"] : values } }),
  });
  const remove = (name: string) => onKeep({ ...body, [kind]: Object.fromEntries(Object.entries(parts).filter(([one]) => one !== name)) });
  return (
    <Section
      title={TITLES[kind]}
      note={ABOUT[kind]}
      actions={
        <Button variant="default" size="compact-sm" onClick={() => onOpen(part("", undefined))}>
          New {ONE[kind]}
        </Button>
      }
    >
      <SmallTable
        label={TITLES[kind]}
        rows={Object.entries(parts)}
        keyOf={([name]) => name}
        empty={EMPTY[kind]}
        columns={[
          { id: "name", label: "Name", cell: ([name]) => name },
          { id: "what", label: "What", wide: true, cell: ([name, value]) => told(kind, value, nowMs, shifts?.[name]) },
          {
            id: "acts",
            label: "",
            cell: ([name, value]) => (
              <span className={styles.acts}>
                <Button variant="default" size="compact-xs" onClick={() => onOpen(part(name, value))} aria-label={`Change ${name}`}>
                  Change
                </Button>
                <Button variant="default" size="compact-xs" onClick={() => remove(name)} aria-label={`Delete ${name}`}>
                  Delete
                </Button>
              </span>
            ),
          },
        ]}
      />
    </Section>
  );
}

/** Who has the shift, as the server counts it, and what the schedule says beside. */
function OnCall({ schedule, now, nowMs }: { readonly schedule: Schedule; readonly now: Shift | undefined; readonly nowMs: number }) {
  const beside = [
    `shifts of ${seconds(schedule.shift_s)}`,
    schedule.timezone && schedule.timezone !== "UTC" ? schedule.timezone : "",
    schedule.hours?.length ? `only ${hoursWords(schedule.hours)}` : "",
    schedule.otherwise ? `else ${schedule.otherwise}` : "",
  ].filter(Boolean);
  return (
    <>
      {now ? <b>{visible(now.who) || "nobody"}</b> : null}{" "}
      {now?.until ? (
        <>
          <span title={utc(now.until)}>until {time(now.until, nowMs)}</span>, then {visible(now.then) || "nobody"}{" "}
        </>
      ) : null}
      <span className="quiet">{visible(beside.join(", "))}</span>
    </>
  );
}

function hoursWords(parts: readonly Hours[]): string {
  return parts
    .map((one) => `${(one.days ?? ["every day"]).join(", ")} ${one.from ?? "00:00"}–${one.to ?? "24:00"} ${one.timezone ?? "UTC"}`)
    .map(visible)
    .join("; ");
}

function told(kind: Kind, value: unknown, nowMs: number, shift: Shift | undefined): ReactNode {
  if (kind === "schedules") {
    return <OnCall schedule={value as Schedule} now={shift} nowMs={nowMs} />;
  }
  if (kind === "escalations") {
    return (value as Escalation).levels
      .map(
        (level) =>
          `after ${seconds(level.after_s)} ${level.channels.join(", ")}${level.on_call ? `, names who is on call in ${level.on_call}` : ""}`,
      )
      .join("; ");
  }
  return hoursWords(value as readonly Hours[]);
}
