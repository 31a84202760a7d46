/** Where alerts are told: the tree, what silences what, hours, escalations, and who is on call. It is kept as a whole. */
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Page } from "@/components/Page";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { type Routing as Told, useChangeRouting, useRouting } from "@/data/queries/channels";
import { readWho } from "@/data/who";
import { changed, moved, type RouteNode, type RoutePath } from "@/model/routing";
import { Inhibitions } from "./Inhibitions";
import { NamedParts } from "./NamedParts";
import { PartDialog, type PartWanted } from "./PartDialog";
import { Places } from "./Places";
import { RouteTree } from "./RouteTree";

/** The routing as JSON has it; the types of the API's description would not let it be put together. */
export interface RoutingBody {
  readonly route: RouteNode;
  readonly inhibit: readonly Readonly<Record<string, unknown>>[];
  readonly hours: Readonly<Record<string, unknown>>;
  readonly escalations: Readonly<Record<string, unknown>>;
  readonly schedules: Readonly<Record<string, unknown>>;
}

export function Routing() {
  const { project } = useScope();
  const found = useRouting(project);
  return (
    <Page>
      <Failed of={found} />
      {found.isPending ? <Skeleton rows={6} height={48} /> : null}
      {found.data ? <Shown key={project} told={found.data} /> : null}
    </Page>
  );
}

function Shown({ told }: { readonly told: Told }) {
  const { project } = useScope();
  const change = useChangeRouting(project);
  const [wanted, setWanted] = useState<PartWanted | null>(null);
  const body = told.routing as unknown as RoutingBody;
  const keep = (next: RoutingBody, onDone?: () => void) =>
    change.mutate({ routing: next, version: told.version, author: readWho() }, { onSuccess: () => onDone?.(), onError: () => undefined });
  const open = (part: PartWanted) => {
    change.reset();
    setWanted(part);
  };
  const route = (next: RouteNode) => keep({ ...body, route: next });
  const editNode = (path: RoutePath, node: RouteNode) =>
    open({
      title: path.length ? "Route" : "Every alert",
      schema: "Route-Input",
      leave: path.length ? ["routes"] : ["routes", "match", "continue"],
      values: { ...node },
      make: (values) => ({ ...body, route: changed(body.route, path, (old) => ({ ...values, routes: old.routes ?? [] })) }),
    });
  const addNode = (path: RoutePath) =>
    open({
      title: "New route",
      schema: "Route-Input",
      leave: ["routes"],
      values: {},
      make: (values) => ({ ...body, route: changed(body.route, path, (old) => ({ ...old, routes: [...(old.routes ?? []), values] })) }),
    });
  return (
    <>
      {told.unknown_channels.length ? (
        <Problem error={new Error(`There is no channel ${told.unknown_channels.join(", ")}: what is told there waits.`)} />
      ) : null}
      {change.error && !wanted ? <Problem error={change.error} /> : null}
      <Section
        title="Where alerts are told"
        note={
          told.version
            ? "an alert goes to the first below that matches; what is not said is as above"
            : "nobody has set it up: everything goes to every channel"
        }
      >
        <RouteTree
          root={body.route}
          busy={change.isPending}
          onEdit={editNode}
          onAdd={addNode}
          onRemove={(path) => route(changed(body.route, path, () => null))}
          onMove={(path, step) => route(moved(body.route, path, step))}
        />
      </Section>
      <Places />
      <NamedParts kind="schedules" body={body} shifts={told.on_call} onOpen={open} onKeep={keep} />
      <NamedParts kind="escalations" body={body} onOpen={open} onKeep={keep} />
      <NamedParts kind="hours" body={body} onOpen={open} onKeep={keep} />
      <Inhibitions body={body} onOpen={open} onKeep={keep} />
      {wanted ? (
        <PartDialog
          wanted={wanted}
          error={change.error}
          busy={change.isPending}
          onKeep={(next) => keep(next, () => setWanted(null))}
          onClose={() => setWanted(null)}
        />
      ) : null}
    </>
  );
}
