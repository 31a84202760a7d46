/** How to send the first trace: this server's own address, a snippet for what one uses, and it waits live for what comes. */
import { Link, useSearch } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Snippet } from "@/components/Snippet";
import { useHealth } from "@/data/queries/health";
import { endpointOf, snippets } from "@/model/snippets";
import { DemoCard } from "./DemoCard";
import styles from "./StartPage.module.css";
import { Waiting } from "./Waiting";

export function StartPage() {
  const { project } = useScope();
  const health = useHealth();
  const chosen = useSearch({ from: "/shell/start" }).with;
  const endpoint = endpointOf(location, health.data?.ports ?? {}, project);
  const ways = snippets(endpoint);
  const way = ways.find((one) => one.id === chosen) ?? ways[0];
  if (!way) return null;
  return (
    <div className={styles.page}>
      <div className={styles.intro}>
        <h2>See what your agents do</h2>
        <p>
          Send OpenTelemetry to <code className="mono">{endpoint.http}</code>, or over gRPC to <code className="mono">{endpoint.grpc}</code>
          . It is here within a second.
        </p>
      </div>
      <Waiting project={project} />
      <nav className={styles.ways} aria-label="What do you use?">
        {ways.map((one) => (
          <Link
            key={one.id}
            to="/start"
            search={{ with: one.id }}
            replace
            className={styles.way}
            data-chosen={one === way}
            activeProps={{}}
          >
            {one.label}
          </Link>
        ))}
      </nav>
      <section className={styles.steps} aria-label={way.label}>
        <p className="quiet">{way.about}</p>
        {way.steps.map((step, at) => (
          <div key={step.title} className={styles.step}>
            <h3>
              {way.steps.length > 1 && !way.either ? <span className={styles.number}>{at + 1}</span> : null}
              {step.title}
            </h3>
            <Snippet code={step.code} label={`${way.label}: ${step.title}`} />
          </div>
        ))}
      </section>
      <section className={styles.demo} aria-label="Demo">
        <h3>No agent at hand?</h3>
        <p className="quiet">A support desk, a research team, a programmer, and two agents in trouble: an hour of their past, then live.</p>
        <DemoCard />
        <p className="quiet">The same from a terminal, for as long as you like:</p>
        <Snippet code={demo(endpoint.http, location.origin, project)} label="Demo" />
      </section>
    </div>
  );
}

function demo(endpoint: string, url: string, project: string): string {
  const where = endpoint === "http://localhost:4318" ? "" : ` --endpoint ${endpoint}`;
  const here = url.endsWith(":7700") ? "" : ` --url ${url}`;
  return `spyglass demo${where}${here}${project === "default" ? "" : ` --project ${project}`}`;
}
