import { expect, test } from "vitest";
import { matching } from "./matching";

const PAGES = ["Retraces", "Traces", "Trace settings", "Live"];
const find = (asked: string) => matching(PAGES, asked, (page) => page);

test("nothing asked is everything", () => expect(find("  ")).toEqual(PAGES));
test("beginnings come first", () => expect(find("tra")).toEqual(["Traces", "Trace settings", "Retraces"]));
test("every word has to be there", () => expect(find("set TRACE")).toEqual(["Trace settings"]));
test("nothing may match", () => expect(find("zebra")).toEqual([]));
