import { expect, test } from "vitest";
import { NEW_PANEL, READY_MADE } from "./dashboards";
import { panelOf, panelSearch, readPanelSearch } from "./panel-search";
import { parseSearch, stringifySearch } from "./search-state";

test("every ready-made panel comes back from its address", () => {
  for (const panel of READY_MADE.flatMap((one) => one.panels)) {
    const address = stringifySearch({ ...panelSearch(panel) });
    const { x: _x, y: _y, w: _w, h: _h, ...told } = panelOf(readPanelSearch(parseSearch(address)));
    expect({ ...panel, ...told }).toEqual(panel);
  }
});

test("what is not valid is left out", () => {
  const search = readPanelSearch({ chart: "pie", source: "spans", measure: {}, group_by: 7 });
  expect(search).toEqual({ source: "spans", group_by: "7" });
  expect(panelOf({ source: "events", measure: "p95_ns" }).measure).toBe("count");
  expect(panelOf({})).toEqual({ ...NEW_PANEL, h: 8 });
});
