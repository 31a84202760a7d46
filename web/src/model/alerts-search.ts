/** What the address says of alerts: which part is shown, which alerts, and which one is open. */
import { type RawSearch, readChoice, readChoices, readNumber, readText } from "./search-state";
import { PANEL_PX } from "./trace-search";

export const PARTS = ["alerts", "rules", "channels", "routing", "actions", "silences", "deliveries"] as const;
export type Part = (typeof PARTS)[number];
export const ALERT_STATES = ["firing", "pending", "resolved"] as const;
export type AlertState = (typeof ALERT_STATES)[number];
export const DELIVERY_STATES = ["waiting", "sending", "sent", "failed"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface AlertsSearch {
  /** Left out: the alerts. */
  readonly show?: Part | undefined;
  /** Left out: those that go on. */
  readonly state?: readonly AlertState[] | undefined;
  readonly rule?: string | undefined;
  /** Left out: each alert alone. */
  readonly by?: "cause" | undefined;
  /** The cause that is told of beside the list. */
  readonly cause?: string | undefined;
  /** The alert that is told of beside the list. */
  readonly alert?: string | undefined;
  /** Deliveries in these states; left out: all. */
  readonly delivery?: readonly DeliveryState[] | undefined;
  readonly panel?: number | undefined;
}

export function readAlertsSearch(raw: RawSearch): AlertsSearch {
  const show = readChoice(raw["show"], PARTS);
  const state = readChoices(raw["state"], ALERT_STATES);
  const delivery = readChoices(raw["delivery"], DELIVERY_STATES);
  const rule = readText(raw["rule"], 100);
  const alert = readText(raw["alert"], 32);
  const byCause = raw["by"] === "cause";
  const cause = byCause ? readText(raw["cause"], 200) : undefined;
  const panel = readNumber(raw["panel"], PANEL_PX.least, PANEL_PX.most);
  return {
    ...(show && show !== "alerts" ? { show } : {}),
    ...(state ? { state } : {}),
    ...(delivery ? { delivery } : {}),
    ...(rule ? { rule } : {}),
    ...(byCause ? { by: "cause" as const } : {}),
    ...(cause ? { cause } : {}),
    ...(alert && /^[0-9a-f]{1,32}$/.test(alert) ? { alert } : {}),
    ...(panel && panel !== PANEL_PX.usual ? { panel } : {}),
  };
}

export interface RuleSearch {
  /** Left out: a new one. */
  readonly name?: string | undefined;
}

export function readRuleSearch(raw: RawSearch): RuleSearch {
  const name = readText(raw["name"], 100);
  return name ? { name } : {};
}
