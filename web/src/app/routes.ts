/** Every page, one line each; a page's own file says its path, its search parameters and where its code is. */
import { agentRoute } from "@/pages/agent/route";
import { agentsRoute } from "@/pages/agents/route";
import { alertRuleRoute } from "@/pages/alert-rule/route";
import { alertsRoute } from "@/pages/alerts/route";
import { oneAlertRoute } from "@/pages/alerts/route.one";
import { analyzersRoute } from "@/pages/analyzers/route";
import { compareRoute } from "@/pages/compare/route";
import { dashboardRoute, dashboardsRoute, embedDashboardRoute, embedPanelRoute } from "@/pages/dashboards/route";
import { eventsRoute } from "@/pages/events/route";
import { executionRoute } from "@/pages/execution/route";
import { compareExecutionsRoute } from "@/pages/execution-compare/route";
import { executionsRoute } from "@/pages/executions/route";
import { findingsRoute } from "@/pages/findings/route";
import { flowRoute } from "@/pages/flow/route";
import { healthRoute } from "@/pages/health/route";
import { homeRoute } from "@/pages/home/route";
import { liveRoute } from "@/pages/live/route";
import { metricsRoute } from "@/pages/metrics/route";
import { processRoute } from "@/pages/process/route";
import { referenceRoute } from "@/pages/reference/route";
import { runnersRoute } from "@/pages/runners/route";
import { securityRoute } from "@/pages/security/route";
import { sessionRoute } from "@/pages/session/route";
import { sessionsRoute } from "@/pages/sessions/route";
import { settingsRoute } from "@/pages/settings/route";
import { sqlRoute } from "@/pages/sql/route";
import { startRoute } from "@/pages/start/route";
import { systemRoute } from "@/pages/system/route";
import { traceRoute } from "@/pages/trace/route";
import { tracesRoute } from "@/pages/traces/route";
import { embedTracesRoute } from "@/pages/traces/route.embed";
import { modelsRoute } from "@/pages/usage/route.models";
import { toolsRoute } from "@/pages/usage/route.tools";
import { workflowRoute, workflowRunRoute } from "@/pages/workflow/route";
import { workflowsRoute } from "@/pages/workflows/route";
import { embedRoute, nowhereRoute, rootRoute, shellRoute } from "./root";

export const routeTree = rootRoute.addChildren([
  shellRoute.addChildren([
    metricsRoute,
    dashboardsRoute,
    dashboardRoute,
    sqlRoute,
    sessionsRoute,
    sessionRoute,
    compareRoute,
    agentsRoute,
    agentRoute,
    executionsRoute,
    executionRoute,
    compareExecutionsRoute,
    toolsRoute,
    modelsRoute,
    healthRoute,
    flowRoute,
    findingsRoute,
    securityRoute,
    analyzersRoute,
    alertsRoute,
    alertRuleRoute,
    oneAlertRoute,
    workflowsRoute,
    workflowRoute,
    workflowRunRoute,
    systemRoute,
    runnersRoute,
    settingsRoute,
    homeRoute,
    liveRoute,
    eventsRoute,
    startRoute,
    tracesRoute,
    traceRoute,
    processRoute,
    referenceRoute,
    nowhereRoute,
  ]),
  embedRoute.addChildren([embedDashboardRoute, embedPanelRoute, embedTracesRoute]),
]);
