import { UnstyledButton } from "@mantine/core";
import { useScope } from "@/app/scope";
import { Bar } from "@/components/Bar";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Severity } from "@/components/Severity";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type Threat, useThreats } from "@/data/queries/security";
import { visible } from "@/model/evidence-words";
import { words } from "@/model/findings";
import { ago, count, percent, plural, utc } from "@/model/format";
import { threatWord } from "@/model/security";
import styles from "./SecurityPage.module.css";

interface Props {
  readonly query: string;
  /** The one whose findings are listed; empty: all. */
  readonly agent: string;
  readonly onAgent: (agent: string | undefined) => void;
}

const SCORE =
  "1 − (1 − r₁)(1 − r₂)…: of each rule the worst open finding counts, r is how sure it is times what it would cost. How it is made stands in docs/security.md.";

/** How threatened each agent is, and by what. */
export function Threats({ query, agent, onAgent }: Props) {
  const found = useThreats(useScope(), query);
  const rows = found.data?.items ?? [];
  if (found.isSuccess && !rows.length) return null;
  return (
    <section className={styles.threats} aria-label="Threat by agent">
      <header className={styles.head}>
        <h2>Threat by agent</h2>
        <span className="quiet">{rows.length ? plural(rows.length, "agent") : null}</span>
        {found.data?.partial ? <span className="quiet">of the 5,000 findings seen last</span> : null}
      </header>
      <Failed of={found} />
      <SmallTable
        label="Threat by agent"
        rows={rows}
        columns={columns(agent, onAgent, found.dataUpdatedAt)}
        keyOf={(one) => one.agent}
        empty=""
        loading={found.isPending}
        failed={found.isLoadingError}
        stale={found.isPlaceholderData}
      />
    </section>
  );
}

function columns(agent: string, onAgent: Props["onAgent"], nowMs: number): readonly SmallColumn<Threat>[] {
  return [
    {
      id: "agent",
      label: "Agent",
      cell: (one) =>
        one.agent ? (
          <UnstyledButton
            className={styles.agent ?? ""}
            aria-pressed={one.agent === agent}
            title="Only its findings"
            onClick={() => onAgent(one.agent === agent ? undefined : one.agent)}
          >
            {visible(one.agent).slice(0, 80)}
          </UnstyledButton>
        ) : (
          <span className="quiet">no single agent</span>
        ),
    },
    {
      id: "score",
      label: "Threat",
      hint: SCORE,
      cell: (one) => {
        const { word, tone } = threatWord(one.score);
        return (
          <span className={styles.score}>
            <Bar share={one.score} colour={`var(--status-${tone})`} />
            <b className="numbers">{percent(one.score)}</b>
            <span style={{ color: `var(--status-${tone})` }}>{word}</span>
          </span>
        );
      },
    },
    { id: "severity", label: "Worst", cell: (one) => (one.severity ? <Severity severity={one.severity} /> : <None />) },
    { id: "open", label: "Open", align: "right", cell: (one) => count(one.open) },
    { id: "mitigated", label: "Mitigated", align: "right", cell: (one) => (one.mitigated ? count(one.mitigated) : <None />) },
    {
      id: "hints",
      label: "Made of",
      wide: true,
      cell: (one) => (
        <span title={one.hints.map((hint) => `${visible(hint.title)} (${percent(hint.risk)})`).join("\n")}>
          {one.hints.map((hint) => `${words(hint.rule)} ${percent(hint.risk)}`).join(", ")}
        </span>
      ),
    },
    { id: "seen", label: "Last seen", align: "right", cell: (one) => <span title={utc(one.last_seen)}>{ago(one.last_seen, nowMs)}</span> },
  ];
}
