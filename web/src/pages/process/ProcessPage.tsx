/** One watched process: what it was told, who started it and why, its life in time, and what it touched. */
import { Button } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { useNamed } from "@/app/title";
import { Empty } from "@/components/Empty";
import { Skeleton } from "@/components/Skeleton";
import { useEvidence } from "@/data/queries/evidence";
import { useOutline } from "@/data/queries/outline";
import { programOf } from "@/model/evidence-words";
import type { RawSearch } from "@/model/search-state";
import { ProcessDetail } from "./ProcessDetail";

const still = () => false;

export function ProcessPage() {
  const { traceId } = useParams({ from: "/shell/traces/$traceId/process" });
  const { process: id } = useSearch({ from: "/shell/traces/$traceId/process" });
  const { project } = useScope();
  const outline = useOutline(project, traceId, still);
  const answer = useEvidence(project, traceId, outline.data?.outline.begin ?? "");
  const process = answer.data?.byId.get(id ?? "");
  const navigate = useNavigate();
  const name = process ? `${programOf(process.told)} ${process.told.pid}` : "";
  useNamed(name);
  useEffect(() => {
    if (name) remember({ href: location.pathname + location.search, title: `Process ${name}` });
  }, [name]);
  const toTrace = (search: RawSearch) =>
    void navigate({
      to: "/traces/$traceId",
      params: { traceId },
      search: (({ project }: RawSearch) => ({ project, view: "evidence", ...search })) as never,
    });
  const error = outline.error ?? answer.error;
  if (error && !process) {
    const again = () => void (outline.isError ? outline.refetch() : answer.refetch());
    return (
      <Empty
        title="This process cannot be shown"
        action={
          <Button variant="default" onClick={again}>
            Try again
          </Button>
        }
      >
        {error.message}
      </Empty>
    );
  }
  if (!answer.data || !outline.data) return <Skeleton rows={10} height={32} />;
  if (!process) {
    return (
      <Empty
        title="No such process"
        action={
          <Button variant="default" onClick={() => toTrace({})}>
            Evidence of the trace
          </Button>
        }
      >
        Nothing of it was seen in the time of this trace.
      </Empty>
    );
  }
  return (
    <ProcessDetail
      process={process}
      evidence={answer.data}
      trace={outline.data.rows}
      onTrace={toTrace}
      onProcess={(next) => void navigate({ to: ".", search: ((before: RawSearch) => ({ ...before, process: next })) as never })}
    />
  );
}
