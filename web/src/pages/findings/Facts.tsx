import { Link } from "@tanstack/react-router";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { Finding } from "@/data/queries/findings";
import { rarity } from "@/model/band";
import { visible } from "@/model/evidence-words";
import { detailsOf, subjectOf } from "@/model/finding-details";
import { atOnce, owaspWords } from "@/model/findings";
import { count, plural } from "@/model/format";

interface Props {
  readonly finding: Finding;
  /** Of the latest event that told it; empty until it is there. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Whom it is about, how unusual it is, who found it by which rule, and what else the analyzer said. */
export function Facts({ finding, attributes }: Props) {
  const nowMs = Date.now();
  const rare = rarity(finding.probability);
  return (
    <dl className={side.facts}>
      {finding.agent ? (
        <>
          <dt>Agent</dt>
          <dd>
            <Link to="/agents/$agent" params={{ agent: finding.agent }} className={side.link}>
              {visible(finding.agent)}
            </Link>
          </dd>
        </>
      ) : null}
      {subjectOf(attributes)
        .filter(({ name }) => name !== "agent")
        .map((fact) => (
          <Fact key={fact.name} name={capital(fact.name)} value={fact.value} />
        ))}
      {finding.owasp ? <Fact name="OWASP" value={owaspWords(finding.owasp)} /> : null}
      {rare ? <Fact name="As unusual" value={`${rare} where nothing is wrong`} /> : null}
      {finding.peers === null ? null : <Fact name="At once" value={atOnce(finding.peers, finding.compared)} />}
      {finding.cause ? <Fact name="Shared cause" value={visible(finding.cause)} /> : null}
      {finding.budget === null ? null : <Fact name="False alarms" value={`${count(finding.budget)} a day allowed for this rule`} />}
      <dt>First seen</dt>
      <dd>
        <When iso={finding.first_seen} nowMs={nowMs} /> <span className="quiet">in this time</span>
      </dd>
      <dt>Last seen</dt>
      <dd>
        <When iso={finding.last_seen} nowMs={nowMs} /> <span className="quiet">{plural(finding.count, "time")}</span>
      </dd>
      <Fact name="Found by" value={visible(`${finding.analyzer} ${finding.version}, ${finding.rule}`)} />
      {detailsOf(attributes).map((fact) => (
        <Fact key={fact.name} name={capital(fact.name)} value={fact.value} />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt style={{ overflowWrap: "anywhere" }}>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
