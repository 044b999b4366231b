import { describe, expect, test } from "vitest";
import { hintOf, hintsOf } from "../../../packages/core/src/sequencer/hints.ts";

const record = (pk: unknown, sk: unknown) => ({ eventName: "INSERT", dynamodb: { Keys: { pk, sk } } });

describe("hints from the Events table's stream", () => {
  test("the keys of a record name a stream and a version", () => {
    expect(hintOf(record({ S: "actor/donald-trump" }, { S: "000012" }))).toEqual({
      stream: "actor/donald-trump",
      version: 12,
    });
  });

  test.each([
    ["a stream of no known kind", record({ S: "tenant/x" }, { S: "000001" })],
    ["a version that is not padded", record({ S: "actor/x" }, { S: "1" })],
    ["version 0", record({ S: "actor/x" }, { S: "000000" })],
    ["a version that is no number", record({ S: "actor/x" }, { S: "head" })],
    ["a key of another DynamoDB type", record({ S: "actor/x" }, { N: "1" })],
    ["a record without keys", { dynamodb: {} }],
    ["a record without a body", { eventName: "INSERT" }],
    ["something that is no record", null],
  ])("%s is no hint, and no error", (_, value) => {
    expect(hintOf(value)).toBeNull();
  });

  test("a batch gives its hints in order, and beside them what it had to ignore", () => {
    const odd = record({ S: "marker" }, { S: "x" });
    const batch = [record({ S: "actor/b" }, { S: "000002" }), odd, record({ S: "actor/a" }, { S: "000001" })];
    expect(hintsOf(batch)).toEqual({
      hints: [
        { stream: "actor/b", version: 2 },
        { stream: "actor/a", version: 1 },
      ],
      ignored: [odd],
    });
  });
});
