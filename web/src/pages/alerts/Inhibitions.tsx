import { Button } from "@mantine/core";
import { Section } from "@/components/Section";
import { SmallTable } from "@/components/SmallTable";
import { visible } from "@/model/evidence-words";
import styles from "./AlertsPage.module.css";
import type { PartWanted } from "./PartDialog";
import type { RoutingBody } from "./Routing";

interface Props {
  readonly body: RoutingBody;
  readonly onOpen: (part: PartWanted) => void;
  readonly onKeep: (routing: RoutingBody) => void;
}

type Row = readonly [number, Readonly<Record<string, unknown>>];

/** Which alerts keep others from being told. */
export function Inhibitions({ body, onOpen, onKeep }: Props) {
  const all = body.inhibit ?? [];
  const part = (at: number, values: Readonly<Record<string, unknown>>): PartWanted => ({
    title: at < all.length ? "Inhibition" : "New inhibition",
    schema: "Inhibition",
    values,
    make: (made) => ({ ...body, inhibit: at < all.length ? all.map((one, index) => (index === at ? made : one)) : [...all, made] }),
  });
  return (
    <Section
      title="Inhibitions"
      note="while an alert of the one kind fires, those of the other are not told"
      actions={
        <Button variant="default" size="compact-sm" onClick={() => onOpen(part(all.length, {}))}>
          New inhibition
        </Button>
      }
    >
      <SmallTable
        label="Inhibitions"
        rows={all.map((one, at): Row => [at, one])}
        keyOf={([at]) => String(at)}
        empty="None: every alert is told by itself."
        columns={[
          { id: "source", label: "While this fires", cell: ([, one]) => <span className="mono">{list(one["source"])}</span> },
          { id: "target", label: "This is not told", cell: ([, one]) => <span className="mono">{list(one["target"])}</span> },
          {
            id: "equal",
            label: "With the same",
            wide: true,
            cell: ([, one]) => list(one["equal"]) || <span className="quiet">anything</span>,
          },
          {
            id: "acts",
            label: "",
            cell: ([at, one]) => (
              <span className={styles.acts}>
                <Button
                  variant="default"
                  size="compact-xs"
                  onClick={() => onOpen(part(at, one))}
                  aria-label={`Change inhibition ${at + 1}`}
                >
                  Change
                </Button>
                <Button
                  variant="default"
                  size="compact-xs"
                  onClick={() => onKeep({ ...body, inhibit: all.filter((_, index) => index !== at) })}
                  aria-label={`Delete inhibition ${at + 1}`}
                >
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

function list(value: unknown): string {
  return Array.isArray(value) ? visible(value.join(", ")) : "";
}
