import { expect, test } from "vitest";
import { endpointOf, snippets } from "./snippets";

const PAGE = { protocol: "http:", hostname: "127.0.0.1" };

test("the ports are those of the server", () =>
  expect(endpointOf(PAGE, { otlp_http: 5001, otlp_grpc: 5002 }, "default")).toEqual({
    http: "http://localhost:5001",
    grpc: "http://localhost:5002",
    project: "default",
  }));
test("another host stays", () => expect(endpointOf({ ...PAGE, hostname: "spy.lan" }, {}, "x").http).toBe("http://spy.lan:4318"));
test("every way names this server", () => {
  for (const way of snippets(endpointOf(PAGE, { otlp_http: 5001 }, "default")))
    expect(way.steps.map((step) => step.code).join(), way.id).toContain("localhost:5001");
});
test("a project that is not the default is told", () => {
  for (const way of snippets(endpointOf(PAGE, {}, "shop"))) expect(way.steps.map((step) => step.code).join(), way.id).toContain("shop");
});
