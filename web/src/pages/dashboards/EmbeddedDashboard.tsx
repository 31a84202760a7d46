import { useParams } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { useNamed } from "@/app/title";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { useSaved } from "@/data/queries/saved";
import { panelsOf, READY_MADE } from "@/model/dashboards";
import { Grid } from "./Grid";

/** A dashboard without chrome, to be looked at in a frame. */
export function EmbeddedDashboard() {
  const { id } = useParams({ from: "/embed/dashboards/$id" });
  const saved = useSaved(useScope().project, "dashboards");
  const one = saved.data?.items.find((item) => item.id === id);
  const body = READY_MADE.find((ready) => ready.id === id) ?? (one && "description" in one.body ? one.body : undefined);
  useNamed(READY_MADE.find((ready) => ready.id === id)?.name ?? one?.name ?? "");
  if (body) return <Grid panels={panelsOf(body)} />;
  if (!saved.data) return <Failed of={saved} />;
  return <Empty title="There is no such dashboard" />;
}
