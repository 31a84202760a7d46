/** The dashboards: ready-made ones, and those that people saved. */
import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Page } from "@/components/Page";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { type SavedThing, useChangeSaved, useSaved } from "@/data/queries/saved";
import { panelsOf, READY_MADE } from "@/model/dashboards";
import { plural } from "@/model/format";
import styles from "./Dashboard.module.css";

export function DashboardsPage() {
  const { project } = useScope();
  const saved = useSaved(project, "dashboards");
  const { save } = useChangeSaved(project, "dashboards");
  const navigate = useNavigate();
  const add = () =>
    save.mutate(
      { name: "New dashboard", body: { description: "", panels: [] } },
      { onSuccess: (made) => void navigate({ to: "/dashboards/$id", params: { id: (made as SavedThing).id } }) },
    );
  const items = saved.data?.items ?? [];
  return (
    <Page>
      <Failed of={saved} />
      {save.error ? <Problem error={save.error} onRetry={add} /> : null}
      <Section
        title="Saved"
        note={`in project ${project}`}
        actions={
          <Button onClick={add} loading={save.isPending}>
            New dashboard
          </Button>
        }
      >
        {saved.isPending ? <Skeleton rows={2} height={48} /> : null}
        {saved.isSuccess && items.length === 0 ? (
          <p className="quiet">None yet. Start with an empty one, or save a copy of a ready-made one.</p>
        ) : null}
        <div className={styles.list}>
          {items.map((one) => (
            <Link key={one.id} to="/dashboards/$id" params={{ id: one.id }} className={styles.card}>
              <b>{one.name}</b>
              <span className="quiet">
                {"description" in one.body ? one.body.description || plural(panelsOf(one.body).length, "panel") : ""}
              </span>
            </Link>
          ))}
        </div>
      </Section>
      <Section title="Ready-made">
        <div className={styles.list}>
          {READY_MADE.map((one) => (
            <Link key={one.id} to="/dashboards/$id" params={{ id: one.id }} className={styles.card}>
              <b>{one.name}</b>
              <span className="quiet">{one.description}</span>
            </Link>
          ))}
        </div>
      </Section>
    </Page>
  );
}
