/** Log records and events: what is asked, how many of which severity over time, and the records themselves. */
import { ActionIcon, SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useKeys } from "@/app/keys";
import { useScope, useShared } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { asApiError } from "@/data/problem";
import { useCompletion } from "@/data/queries/complete";
import { useEvents } from "@/data/queries/events";
import { type EventsSearch, readEventsSearch } from "@/model/live-search";
import { ViewMenu } from "@/pages/traces/ViewMenu";
import { EventFacets } from "./EventFacets";
import { EventList } from "./EventList";
import styles from "./EventsPage.module.css";
import { NoEvents } from "./NoEvents";
import { PatternList } from "./PatternList";
import { SeverityStrip } from "./SeverityStrip";

export function EventsPage() {
  const search = readEventsSearch(useSearch({ strict: false }));
  const { project: _, ...shared } = useShared();
  const query = search.query ?? "";
  const scope = useScope();
  const events = useEvents(scope, query);
  const completion = useCompletion(scope);
  const change = useChange<EventsSearch>();
  const narrow = useMediaQuery("(max-width: 1000px)", undefined, { getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const beside = !narrow && search.facets !== "off";
  const filters = () => (narrow ? setDrawer(!drawer) : change({ facets: beside ? "off" : undefined }));
  const patterns = search.show === "patterns";
  const show = (wanted: boolean) => change({ show: wanted ? "patterns" : undefined });
  useKeys([
    { keys: "f", label: "Filters", group: "This page", run: filters },
    { keys: "v", label: "Events or patterns", group: "This page", run: () => show(!patterns) },
  ]);
  const error = events.error ? asApiError(events.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const none = events.isSuccess && !events.data.pages.some((page) => page.items.length);
  const ask = (text: string) => change({ query: text || undefined });
  const edit = (how: (text: string) => string) => change((before) => ({ query: how(before.query ?? "") || undefined }));
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <ActionIcon size={32} variant="default" onClick={filters} aria-pressed={beside || drawer} aria-label="Filters" title="Filters (f)">
          <IconFilter size={15} stroke={1.7} />
        </ActionIcon>
        <QueryBar value={query} placeholder={'severity>=warning "connection reset"'} mistake={mistake} onSubmit={ask} {...completion} />
        <SegmentedControl
          h={32}
          aria-label="What is listed"
          className={styles.choice ?? ""}
          value={patterns ? "patterns" : "events"}
          onChange={(value) => show(value === "patterns")}
          data={[
            { value: "events", label: "Events" },
            { value: "patterns", label: "Patterns" },
          ]}
        />
        <ViewMenu page="/logs" search={{ ...shared, ...search }} />
      </div>
      <div className={styles.body}>
        {beside || drawer ? <EventFacets query={query} onEdit={edit} drawer={!beside} onClose={() => setDrawer(false)} /> : null}
        <div className={styles.main}>
          {mistake ? null : <SeverityStrip query={query} />}
          {error && !mistake ? <Problem error={error} onRetry={() => void events.refetch()} /> : null}
          {mistake ? (
            <Empty title="The search cannot be understood">It is marked above where.</Empty>
          ) : none ? (
            <NoEvents query={query} onClear={() => ask("")} />
          ) : patterns ? (
            <PatternList query={query} onQuery={(text) => change({ query: text, show: undefined })} />
          ) : (
            <EventList events={events} />
          )}
        </div>
      </div>
    </div>
  );
}
