/** What is odd about how an execution was told, in words. */
export const ODD: Readonly<Record<string, string>> = {
  no_start: "Nobody told of its start: it begins with the first that was told.",
  started_twice: "It was told to start more than once: the first start stands.",
  ended_twice: "It was told to end more than once: the first end stands.",
  ended_before_start: "By its sender's clock it ended before it started: its duration is not known.",
};
