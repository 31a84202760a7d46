/** What somebody has to know of: alerts and who has them, the rules that make them, what is done about them, silences, and what was delivered. */
import { SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useKeys } from "@/app/keys";
import { useNamed } from "@/app/title";
import { useChange } from "@/app/useChange";
import { ButtonLink } from "@/components/ButtonLink";
import list from "@/components/List.module.css";
import { type AlertsSearch, DELIVERY_STATES, PARTS, type Part, readAlertsSearch } from "@/model/alerts-search";
import { switched } from "@/model/search-state";
import { Actions } from "./Actions";
import { AlertList } from "./AlertList";
import styles from "./AlertsPage.module.css";
import { CauseList } from "./CauseList";
import { Channels } from "./Channels";
import { Deliveries } from "./Deliveries";
import { Routing } from "./Routing";
import { Rules } from "./Rules";
import { Silences } from "./Silences";

const WORDS: Readonly<Record<Part, string>> = {
  alerts: "Alerts",
  rules: "Rules",
  channels: "Channels",
  routing: "Routing",
  actions: "Actions",
  silences: "Silences",
  deliveries: "Deliveries",
};

export function AlertsPage() {
  const search = readAlertsSearch(useSearch({ strict: false }));
  const shown = search.show ?? "alerts";
  useNamed(shown === "alerts" ? "" : WORDS[shown]);
  const change = useChange<AlertsSearch>();
  const show = (part: Part) => change({ show: part === "alerts" ? undefined : part, alert: undefined, cause: undefined });
  useKeys([
    {
      keys: "v",
      label: "Alerts, rules, channels, routing, actions, silences, deliveries",
      group: "This page",
      run: () => show(after(shown)),
    },
    ...(search.cause && !search.alert
      ? [{ keys: "Escape", label: "Close the cause", group: "This page", run: () => change({ cause: undefined }) }]
      : []),
    ...(search.alert ? [{ keys: "Escape", label: "Close the alert", group: "This page", run: () => change({ alert: undefined }) }] : []),
  ]);
  return (
    <div className={list.page}>
      <div className={list.tools}>
        <div className={styles.parts}>
          <SegmentedControl
            mih={32}
            aria-label="What is listed"
            value={shown}
            onChange={(value) => show(value as Part)}
            data={PARTS.map((value) => ({ value, label: WORDS[value] }))}
          />
        </div>
        {shown === "alerts" || shown === "rules" ? (
          <ButtonLink ml="auto" h={32} to="/alerts/rule">
            New rule
          </ButtonLink>
        ) : null}
      </div>
      {shown === "alerts" && search.by ? <CauseList search={search} onChange={change} /> : null}
      {shown === "alerts" && !search.by ? <AlertList search={search} onChange={change} /> : null}
      {shown === "rules" ? <Rules /> : null}
      {shown === "channels" ? <Channels onDeliveries={() => show("deliveries")} /> : null}
      {shown === "routing" ? <Routing /> : null}
      {shown === "actions" ? <Actions /> : null}
      {shown === "silences" ? <Silences /> : null}
      {shown === "deliveries" ? (
        <Deliveries
          state={search.delivery ?? []}
          onToggle={(id) => change((before) => ({ delivery: switched(DELIVERY_STATES, before.delivery, id) }))}
        />
      ) : null}
    </div>
  );
}

function after(part: Part): Part {
  return PARTS[(PARTS.indexOf(part) + 1) % PARTS.length] ?? "alerts";
}
