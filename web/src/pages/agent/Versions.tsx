import { NativeSelect } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { useVersions, type Version } from "@/data/queries/registry";
import { type AgentSearch, readAgentSearch, versionsOf } from "@/model/definition";
import { ago, count, plural, utc } from "@/model/format";
import styles from "./Registry.module.css";
import { VersionDifference } from "./VersionDifference";

/** What the agent called itself and was seen to be: when and where, which is live, and what differs between two. */
export function Versions({ name }: { readonly name: string }) {
  const search = readAgentSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const { project } = useScope();
  const found = useVersions(project, name);
  const rows = found.data?.items ?? [];
  const change = (more: AgentSearch) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never, resetScroll: false });
  const chosen = versionsOf(search.diff);
  const newest = rows[0]?.number ?? 0;
  const options = rows.map((one) => ({ value: String(one.number), label: labelOf(one) }));
  return (
    <Section
      title="Versions"
      note={rows.length ? plural(rows.length, "version") : undefined}
      actions={
        rows.length > 1 ? (
          <span className={styles.choice}>
            <NativeSelect
              size="xs"
              aria-label="Compare version"
              data={[{ value: "", label: "Compare …" }, ...options]}
              value={chosen ? String(chosen[0]) : ""}
              onChange={({ currentTarget: { value } }) => change({ diff: value ? `${value}..${chosen?.[1] ?? newest}` : undefined })}
            />
            {chosen ? (
              <NativeSelect
                size="xs"
                aria-label="With version"
                data={options}
                value={String(chosen[1])}
                onChange={({ currentTarget: { value } }) => change({ diff: `${chosen[0]}..${value}` })}
              />
            ) : null}
          </span>
        ) : undefined
      }
    >
      <Failed of={found} />
      <SmallTable
        label="Versions"
        rows={rows}
        columns={columns(found.dataUpdatedAt || Date.now())}
        keyOf={(one) => String(one.number)}
        empty="Neither a name nor a fingerprint of what it is was seen yet."
        loading={found.isPending}
        failed={found.isLoadingError}
      />
      {chosen ? <VersionDifference name={name} from={chosen[0]} to={chosen[1]} onEnd={() => change({ diff: undefined })} /> : null}
    </Section>
  );
}

function labelOf(one: Version): string {
  return `${one.number}${one.version ? `, named ${one.version}` : ""}`;
}

function columns(nowMs: number): readonly SmallColumn<Version>[] {
  return [
    {
      id: "number",
      label: "Number",
      cell: (one) =>
        one.trace_id ? (
          <Link
            to="/traces/$traceId"
            params={{ traceId: one.trace_id }}
            search={(one.span_id ? { span: one.span_id } : {}) as never}
            title="Where it was seen"
          >
            {one.number}
          </Link>
        ) : (
          one.number
        ),
    },
    { id: "name", label: "Name", cell: (one) => one.version || <None /> },
    {
      id: "known",
      label: "Known from",
      cell: (one) => [one.declared ? "its name" : "", one.observed ? "traces" : ""].filter(Boolean).join(", "),
    },
    { id: "live", label: "Live", cell: (one) => <Places version={one} live /> },
    { id: "model", label: "Model", cell: (one) => one.model || <None /> },
    {
      id: "tools",
      label: "Tools",
      align: "right",
      cell: (one) =>
        one.tools.length ? <span title={one.tools.map((tool) => tool.name).join(", ")}>{count(one.tools.length)}</span> : <None />,
    },
    { id: "first", label: "First seen", cell: (one) => <span title={utc(one.first_seen)}>{ago(one.first_seen, nowMs)}</span> },
    { id: "last", label: "Last seen", cell: (one) => <span title={utc(one.last_seen)}>{ago(one.last_seen, nowMs)}</span> },
    { id: "places", label: "Also seen in", cell: (one) => <Places version={one} live={false} /> },
    {
      id: "diff",
      label: "",
      cell: (one) =>
        one.number > 1 ? (
          <Link to="." search={(before: object) => ({ ...before, diff: `${one.number - 1}..${one.number}` }) as never} resetScroll={false}>
            What changed
          </Link>
        ) : null,
    },
  ];
}

function Places({ version, live }: { readonly version: Version; readonly live: boolean }) {
  const places = version.places.filter((place) => place.live === live);
  if (!places.length) return <None />;
  const names = places.map((place) => [place.environment || "no environment", place.service].filter(Boolean).join(" · "));
  return (
    <span className={live ? styles.live : "quiet"} title={names.join("\n")}>
      {names[0]}
      {names.length > 1 ? ` +${names.length - 1}` : ""}
    </span>
  );
}
