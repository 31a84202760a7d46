import { describe, expect, test } from "vitest";
import { ago, bytes, count, duration, fullMoney, money, parseTime, percent, plural, sentence, time, utc } from "./format";

const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("duration", () => {
  test.each([
    [0, "0 ms"],
    [850, "850 ns"],
    [1_500, "1.5 µs"],
    [999_600, "1 ms"],
    [3_400_000, "3.4 ms"],
    [340_000_000, "340 ms"],
    [999_600_000, "1 s"],
    [1_240_000_000, "1.24 s"],
    [59_960_000_000, "1m 00s"],
    [125_000_000_000, "2m 05s"],
    [4_320_000_000_000, "1h 12m"],
    [3_599_900_000_000, "1h 00m"],
    [180_000_000_000_000, "2d 02h"],
    [-340_000_000, "-340 ms"],
  ])("%d ns reads %s", (ns, told) => expect(plain(duration(ns))).toBe(told));

  test("what was not told is a dash", () => expect(duration(null)).toBe("–"));
});

test.each([
  [0, "0"],
  [832, "832"],
  [999.6, "1000"],
  [12_431, "12.4k"],
  [999_600, "1M"],
  [3_120_000, "3.12M"],
  [-1500, "-1.5k"],
])("count %d reads %s", (value, told) => expect(count(value)).toBe(told));

test.each([
  [0, "$0"],
  [0.0031275, "$0.0031"],
  [0.000012, "$0.000012"],
  [0.00999, "$0.010"],
  [0.0421, "$0.042"],
  [1.239, "$1.24"],
  [1240.4, "$1,240"],
  [0.00405, "$0.0040"],
  [0.0001 + 0.00395, "$0.0040"],
])("money %d reads %s", (usd, told) => expect(money(usd)).toBe(told));

test("the full cost keeps its digits", () => expect(fullMoney(0.0031275)).toBe("$0.0031275"));

test.each([
  [312, "312 B"],
  [4_404_019, "4.2 MiB"],
  [1023.9, "1 KiB"],
])("%d bytes read %s", (value, told) => expect(plain(bytes(value))).toBe(told));

test.each([
  [0, "0 %"],
  [0.0001, "<0.1 %"],
  [0.032, "3.2 %"],
  [1, "100 %"],
])("a share of %d reads %s", (share, told) => expect(plain(percent(share))).toBe(told));

describe("times", () => {
  const noon = new Date(2026, 10, 21, 12, 0, 0).getTime();

  test("nanoseconds are understood", () => expect(parseTime("2026-01-01T00:00:10.123456789Z")).toBe(Date.UTC(2026, 0, 1, 0, 0, 10, 123)));
  test("today is a clock", () => expect(time(new Date(2026, 10, 21, 9, 5, 7, 43).toISOString(), noon)).toBe("09:05:07.043"));
  test("this year has the day", () => expect(time(new Date(2026, 10, 3, 9, 5, 7).toISOString(), noon)).toBe("Nov 3 09:05:07"));
  test("before that has the year", () => expect(time(new Date(2025, 1, 3, 9, 5, 7).toISOString(), noon)).toBe("2025-02-03 09:05"));
  test("UTC is told whole", () => expect(utc("2026-11-03T13:02:31.043000000Z")).toBe("2026-11-03 13:02:31.043 UTC"));
  test("ages are rounded", () => expect(plain(ago(new Date(noon - 300_000).toISOString(), noon))).toBe("5 min ago"));
});

test("one is not many", () => expect([plural(1, "trace"), plural(2, "trace")]).toEqual(["1 trace", "2 traces"]));

test.each([
  ["Jobs that wait", "Jobs that wait."],
  ["Jobs that wait. ", "Jobs that wait."],
  ["  ", ""],
])("%j among our sentences reads %j", (text, told) => expect(sentence(text)).toBe(told));
