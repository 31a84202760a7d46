/** A panel as an address, so that one alone can be shared and put in a frame. In: a panel, or search parameters. Out: the other. */
import { MEASURES, NEW_PANEL, type Panel } from "./dashboards";
import { type RawSearch, readChoice, readText } from "./search-state";

export interface PanelSearch {
  readonly title?: string | undefined;
  readonly chart?: Panel["chart"] | undefined;
  readonly source?: Panel["source"] | undefined;
  readonly measure?: string | undefined;
  readonly query?: string | undefined;
  readonly group_by?: string | undefined;
  readonly metric?: string | undefined;
  readonly sql?: string | undefined;
}

const CHARTS = ["line", "area", "bar", "number", "table"] as const;
const SOURCES = ["spans", "calls", "events", "points", "sql"] as const;
const LONGEST_SQL = 8000; // browsers take addresses of that length

export function panelSearch(panel: Panel): PanelSearch {
  const told = { ...panel, group_by: panel.group_by.join("\n") };
  const usual = { ...NEW_PANEL, group_by: "" };
  const names = ["title", "chart", "source", "measure", "query", "group_by", "metric", "sql"] as const;
  return Object.fromEntries(names.flatMap((name) => (told[name] === usual[name] ? [] : [[name, told[name]]])));
}

/** Takes anything; what is not valid is left out. */
export function readPanelSearch(raw: RawSearch): PanelSearch {
  const found: PanelSearch = {
    title: readText(raw["title"], 200),
    chart: readChoice(raw["chart"], CHARTS),
    source: readChoice(raw["source"], SOURCES),
    measure: readText(raw["measure"], 40),
    query: readText(raw["query"]),
    group_by: readText(raw["group_by"], 600),
    metric: readText(raw["metric"], 300),
    sql: readText(raw["sql"], LONGEST_SQL),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

export function panelOf(search: PanelSearch): Panel {
  const source = search.source ?? NEW_PANEL.source;
  const known = source === "sql" ? [] : MEASURES[source];
  const measure = search.measure && known.includes(search.measure) ? search.measure : (known[0] ?? NEW_PANEL.measure);
  const group_by = search.group_by ? search.group_by.split("\n").filter(Boolean) : [];
  const { title = "", chart = NEW_PANEL.chart, query = "", metric = "", sql = "" } = search;
  return { ...NEW_PANEL, title, chart, source, measure, query, group_by, metric, sql, h: 8 };
}
