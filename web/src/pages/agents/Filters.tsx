import { NativeSelect } from "@mantine/core";
import { useScope } from "@/app/scope";
import type { Change } from "@/app/useChange";
import { Chips } from "@/components/Chips";
import { useAgents } from "@/data/queries/agents";
import { AGENT_STATES, type AgentFilters, type AgentState } from "@/model/agents-search";
import { choicesOf } from "@/model/execution";
import { count } from "@/model/format";
import { switched } from "@/model/search-state";
import styles from "./Filters.module.css";

interface Props {
  readonly query: string;
  readonly filters: AgentFilters;
  readonly onChange: Change<AgentFilters>;
}

const WORDS: Readonly<Record<AgentState, string>> = { seen: "only seen", declared: "only registered", both: "registered and seen" };

/** Which agents are listed: by how they are known, and by what they say of themselves. Offers what the unfiltered list holds. */
export function Filters({ query, filters, onChange }: Props) {
  const all = useAgents(useScope(), query); // the same request where nothing is filtered
  const items = all.data?.items ?? [];
  const { state = [], type, owner, environment } = filters;
  const more = all.data?.next_cursor ? "+" : "";
  const chips = AGENT_STATES.map((id) => ({
    id,
    label: WORDS[id],
    count: all.data ? `${count(items.filter((one) => one.state === id).length)}${more}` : "",
  }));
  const toggle = (id: string) => onChange((before) => ({ state: switched(AGENT_STATES, before.state, id) }));
  const field = (name: "type" | "owner" | "environment", label: string, found: readonly string[], chosen: string | undefined) => {
    const names = choicesOf(found, chosen);
    return names.length ? (
      <NativeSelect
        size="xs"
        aria-label={label}
        value={chosen ?? ""}
        data={[{ value: "", label: `Any ${name}` }, ...names]}
        onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
      />
    ) : null;
  };
  return (
    <div className={styles.filters}>
      <Chips label="How they are known" chips={chips} chosen={state} onToggle={toggle} />
      {field(
        "type",
        "Type",
        items.map((one) => one.type),
        type,
      )}
      {field(
        "owner",
        "Owner",
        items.map((one) => one.owner),
        owner,
      )}
      {field(
        "environment",
        "Environment",
        items.flatMap((one) => one.environments),
        environment,
      )}
    </div>
  );
}
