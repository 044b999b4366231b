/** The exported handlers over a real engine and bus, while one or the other fails. */
import { listCommand, redriveCommand } from "@on-record/cli/dead-letters";
import { QUEUES, STREAM_CONSUMERS } from "@on-record/core/wiring";
import { FUNCTIONS } from "@on-record/local/functions";
import { invoke } from "@on-record/local/invoke";
import { startSqsConsumer } from "@on-record/local/queue-worker";
import { startStreamPump } from "@on-record/local/stream-pump";
import { TABLE_NAMES } from "@on-record/local/tables";
import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { until } from "../helpers/engine-for-tests.ts";
import {
  BUS,
  register,
  startFaultyCloud,
  statementBody,
  type Fault,
  type FaultyCloud,
} from "../helpers/faulty-cloud.ts";

/** Keeps all that the bus accepts. */
const SEEN = "seen";
const WAKE_UP = { Records: [] };

let cloud: FaultyCloud;
beforeAll(async () => {
  const pattern = { source: [{ prefix: "on-record." }] };
  cloud = await startFaultyCloud([{ name: "seen", busName: BUS, pattern, target: { queue: SEEN } }]);
  await register((method, path, body) => cloud.call(method, path, body));
});
afterAll(() => cloud.stop());

/** The functions' log lines; they go to standard output. */
let lines: string[] = [];
beforeEach(async () => {
  lines = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  // Every test begins with all done.
  cloud.database.fault = undefined;
  cloud.events.fault = undefined;
  await drain("events");
  await invoke(FUNCTIONS.recover, {}, lambda("recover"));
  await project();
  await drain("views");
  await publish();
  await cloud.empty(SEEN);
  await cloud.empty("projection");
});
afterEach(() => vi.restoreAllMocks());

/** Through where the streams were read. */
const tips = { events: "", views: "" };

async function drain(table: "events" | "views"): Promise<DynamoDBRecord[]> {
  const all: DynamoDBRecord[] = [];
  for (let some = await cloud.recordsOf(table); some.length > 0; some = await cloud.recordsOf(table)) all.push(...some);
  tips[table] = all.at(-1)?.dynamodb?.SequenceNumber ?? tips[table];
  return all.filter(({ eventName }) => eventName === "INSERT");
}

const lambda = (functionName: string) => ({ functionName, timeoutMs: 60_000 });
const sequence = (Records: DynamoDBRecord[]): Promise<DynamoDBBatchResponse> =>
  invoke(FUNCTIONS.sequence, { Records }, lambda("sequence"));
const project = () => invoke(FUNCTIONS.project, WAKE_UP, lambda("project"));
const publish = () => invoke(FUNCTIONS["publish-changes"], { Records: [] }, lambda("publish-changes"));

let said = 0;
/** Records statements, each later than those before and turning the position, so that each makes one change. */
async function record(count: number): Promise<string[]> {
  const events: string[] = [];
  for (let number = 0; number < count; number += 1) {
    said += 1;
    const { status, body } = await cloud.call(
      "POST",
      "/v1/statements",
      statementBody({
        text: `Statement ${said}`,
        saidAt: new Date(Date.UTC(2025, 0, 1) + said * 60_000).toISOString(),
        assessments: [{ proposition: "troops", stance: said % 2 === 0 ? "committed" : "ruled_out" }],
      }),
      `said-${said}`,
    );
    expect(status).toBe(201);
    events.push(body.event.id);
  }
  return events;
}

const logIds = async (): Promise<string[]> => {
  const { body } = await cloud.call("GET", "/v1/log?limit=100");
  return body.entries.map(({ id }: { id: string }) => id);
};
const seenIds = async () => (await cloud.messagesIn(SEEN)).map(({ detail }) => detail.id);
const position = async () => (await cloud.call("GET", "/v1/actors/trump/positions/troops")).body.position;
const lastStance = () => (said % 2 === 0 ? "committed" : "ruled_out");

/** The bus takes some entries and refuses the rest, all in one answer of status 200. */
function refusing(refused: (index: number) => boolean): Fault {
  return async ({ body, forward }) => {
    const { Entries } = JSON.parse(body);
    const kept = Entries.filter((_: unknown, index: number) => !refused(index));
    const answer =
      kept.length === 0 ? { Entries: [] } : JSON.parse((await forward(JSON.stringify({ Entries: kept }))).body);
    const results = Entries.map((_: unknown, index: number) =>
      refused(index) ? { ErrorCode: "ThrottlingException", ErrorMessage: "slow down" } : answer.Entries.shift(),
    );
    return { status: 200, body: JSON.stringify({ FailedEntryCount: Entries.length - kept.length, Entries: results }) };
  };
}

describe("the bus is down", () => {
  test("what is recorded enters the log, and goes out once when the bus is back", async () => {
    cloud.events.fault = () => "hang up";
    const events = await record(3);
    const batch = await drain("events");
    const first = batch[0]?.dynamodb?.SequenceNumber;
    expect(await sequence(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: first }] });
    expect(await sequence(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: first }] });
    const { body: log } = await cloud.call("GET", "/v1/log?limit=100");
    expect(log.entries.slice(-3).map(({ id }: { id: string }) => id)).toEqual(events);
    expect(await seenIds()).toEqual([]);

    cloud.events.fault = undefined;
    expect(await sequence(batch)).toEqual({ batchItemFailures: [] });
    expect(await sequence(batch)).toEqual({ batchItemFailures: [] });
    expect(await seenIds()).toEqual(events);
  });

  test("the bus takes events but its answer is lost: they go out again, under the same ids", async () => {
    let answers = 0;
    cloud.events.fault = async ({ forward }) => {
      await forward();
      answers += 1;
      return "hang up" as const;
    };
    const events = await record(2);
    const batch = await drain("events");
    expect((await sequence(batch)).batchItemFailures).toHaveLength(1);
    cloud.events.fault = undefined;
    await sequence(batch);
    const seen = await seenIds();
    expect(answers).toBeGreaterThan(0);
    expect(seen).toHaveLength(2 * (answers + 1));
    expect([...new Set(seen)]).toEqual(events);
  });

  test("changes wait and go out once", async () => {
    await record(3);
    await sequence(await drain("events"));
    await project();
    await cloud.empty(SEEN);
    cloud.events.fault = () => "hang up";
    await expect(publish()).rejects.toThrow();
    expect(await seenIds()).toEqual([]);
    cloud.events.fault = undefined;
    await publish();
    await publish();
    const { body } = await cloud.call("GET", "/v1/changes?limit=100");
    expect(await seenIds()).toEqual(body.changes.slice(-3).map(({ id }: { id: string }) => id));
  });

  test("pumps, queue and handlers work off a backlog by themselves, each id once", async () => {
    cloud.events.fault = () => "hang up";
    const loops = await startLoops();
    const events = await record(5);
    // The batch that the bus keeps waiting holds up those behind it, as a shard does on AWS.
    await until("the log holds the first", async () => (await logIds()).includes(events[0] ?? ""));
    expect(await cloud.messagesIn(SEEN)).toEqual([]);
    cloud.events.fault = undefined;
    await until("all changes are out", async () => (await cloud.messagesIn(SEEN)).length >= 10, 15_000);
    await loops.stop();
    const seen = await cloud.messagesIn(SEEN);
    expect(seen.map(({ detail }) => detail.id)).toHaveLength(new Set(seen.map(({ detail }) => detail.id)).size);
    expect(seen.filter((each) => each["detail-type"] === "PositionChanged")).toHaveLength(5);
    expect((await position()).stance).toBe(lastStance());
  });
});

describe("the bus takes part of a request", () => {
  test("of events: what it refused goes out at the next try, what it took does not", async () => {
    cloud.events.fault = refusing((index) => index >= 2);
    const events = await record(5);
    const batch = await drain("events");
    expect((await sequence(batch)).batchItemFailures).toHaveLength(1);
    expect(await seenIds()).toEqual(events.slice(0, 2));
    cloud.events.fault = undefined;
    expect(await sequence(batch)).toEqual({ batchItemFailures: [] });
    expect(await seenIds()).toEqual(events);
  });

  test("one in the middle refused: it and all behind it come again, in order", async () => {
    cloud.events.fault = refusing((index) => index === 1);
    const events = await record(4);
    const batch = await drain("events");
    expect((await sequence(batch)).batchItemFailures).toHaveLength(1);
    cloud.events.fault = undefined;
    await sequence(batch);
    const [a, b, c, d] = events;
    expect(await seenIds()).toEqual([a, c, d, b, c, d]);
  });

  test("of changes: the next try goes on from the first that was refused", async () => {
    await record(4);
    await sequence(await drain("events"));
    await project();
    await cloud.empty(SEEN);
    cloud.events.fault = refusing((index) => index >= 1);
    await expect(publish()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await seenIds()).toHaveLength(1);
    cloud.events.fault = undefined;
    await publish();
    const { body } = await cloud.call("GET", "/v1/changes?limit=100");
    expect(await seenIds()).toEqual(body.changes.slice(-4).map(({ id }: { id: string }) => id));
  });
});

/** The wiring's pumps with little patience. */
async function startLoops() {
  const { queues, streams, table } = cloud;
  const backoff = { baseMs: 5, capMs: 40 };
  const onError = () => undefined;
  // As if the pumps had handled all that the test has.
  for (const [name, { table: source }] of Object.entries(STREAM_CONSUMERS)) {
    await table.put({ pk: `checkpoint#${name}`, sk: TABLE_NAMES[source], sequenceNumber: tips[source] });
  }
  const pumps = (["sequence", "publish-changes"] as const).map((name) => {
    const { table: source, batchSize, filters } = STREAM_CONSUMERS[name];
    const tableName = TABLE_NAMES[source];
    return startStreamPump({
      name,
      tableName,
      streams,
      table,
      queues,
      handler: FUNCTIONS[name],
      batchSize,
      filters,
      backoff,
      onError,
    });
  });
  const { handler, ...settings } = QUEUES.projection;
  const worker = startSqsConsumer(FUNCTIONS[handler], {
    queues,
    queue: "projection",
    functionName: handler,
    ...settings,
    backoff,
    onError,
  });
  const loops = [...pumps, worker];
  const stop = async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
  };
  onTestFinished(stop);
  return { stop };
}

describe("the views cannot be written", () => {
  const refused = {
    status: 400,
    body: JSON.stringify({
      __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      message: "no such table",
    }),
  };
  const withoutViews: Fault = ({ body }) => (body.includes(`"${TABLE_NAMES.views}"`) ? refused : undefined);

  test("the wake-up goes to the dead letters, can be listed and sent again, and positions are right", async () => {
    const before = (await cloud.call("GET", "/v1/changes?limit=100")).body.changes.length;
    cloud.database.fault = withoutViews;
    const { stop } = await startLoops();
    const events = await record(3);
    await until(
      "dead letters",
      async () =>
        (await cloud.queues.listDeadLetters()).length > 0 && (await cloud.messagesIn("projection")).length === 0,
      15_000,
    );
    // A table that is not there is no passing trouble: asking again would not help.
    expect((await cloud.call("GET", "/v1/actors/trump/positions")).body.code).toBe("internal_error");

    const listed = await listCommand(cloud.queues);
    expect(listed).toContain("projection");
    expect(listed).toContain(`tried ${QUEUES.projection.maxReceives} times`);
    expect(listed).toMatch(/reason {4}\S+/);
    const letters = await cloud.queues.listDeadLetters("projection");
    const named = letters.map(({ body }) => JSON.parse(body).detail.id);
    expect(events).toEqual(expect.arrayContaining(named));

    cloud.database.fault = undefined;
    expect(await redriveCommand(cloud.queues)).toMatch(/^\d+ dead letters? sent again/);
    expect(await listCommand(cloud.queues)).toBe("No dead letters.");
    await until(
      "the changes are out",
      async () =>
        (await cloud.messagesIn(SEEN)).filter((each) => each["detail-type"] === "PositionChanged").length === 3,
    );
    await stop();
    expect((await position()).stance).toBe(lastStance());
    expect((await cloud.call("GET", "/v1/changes?limit=100")).body.changes).toHaveLength(before + 3);
  });

  test("recording goes on meanwhile, without the help of similar statements", async () => {
    cloud.database.fault = withoutViews;
    said += 1;
    const { status, body } = await cloud.call("POST", "/v1/statements", statementBody({ text: `Statement ${said}` }));
    expect([status, body.similar]).toEqual([201, null]);
  });
});

describe("the database", () => {
  test.each(["hang up", "silence"] as const)(
    "%s: 503 with Retry-After in 4 s, and the same request succeeds once",
    async (fault) => {
      cloud.database.fault = () => fault;
      const startedAt = performance.now();
      said += 1;
      const request = ["POST", "/v1/statements", statementBody({ text: `Statement ${said}` }), `said-${said}`] as const;
      const answers = await Promise.all([
        cloud.call(...request),
        cloud.call("GET", "/v1/actors/trump/positions"),
        cloud.call("GET", "/v1/changes"),
        cloud.call("GET", "/v1/log"),
        cloud.call("GET", "/v1/review"),
        cloud.call("PUT", "/v1/actors/trump", { name: "Donald J. Trump", kind: "person" }),
        cloud.call("GET", "/health"),
      ]);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
      for (const { headers, body } of answers) {
        expect(headers.get("retry-after")).toBe("1");
        expect(headers.get("content-type")).toBe("application/problem+json");
        expect(body).toMatchObject({ code: "store_unavailable", status: 503 });
      }

      cloud.database.fault = undefined;
      const done = await cloud.call(...request);
      expect([done.status, done.body.replayed]).toEqual([201, false]);
      expect(await drain("events")).toHaveLength(1);
      expect((await cloud.call(...request)).body).toMatchObject({ replayed: true, event: done.body.event });
      expect(await drain("events")).toEqual([]);
    },
  );

  test("takes the put but its answer is lost, three times: told as 503, then as a replay of one event", async () => {
    cloud.database.fault = async ({ operation, forward }) => {
      if (operation !== "PutItem") return undefined;
      await forward();
      return "hang up" as const;
    };
    said += 1;
    const request = ["POST", "/v1/statements", statementBody({ text: `Statement ${said}` }), `said-${said}`] as const;
    const lost = await cloud.call(...request);
    cloud.database.fault = undefined;
    expect([201, 503]).toContain(lost.status);
    expect((await cloud.call(...request)).body).toMatchObject({ replayed: true });
    expect(await drain("events")).toHaveLength(1);
  });

  test("fails in the midst of the sequencer: every event enters once, wherever it was", async () => {
    for (let failing = 1; failing <= 12; failing += 1) {
      let calls = 0;
      const events = await record(2);
      const batch = await drain("events");
      cloud.database.fault = async ({ forward }) => {
        calls += 1;
        if (calls < failing || calls > failing + 3) return undefined;
        if (failing % 2 === 0) await forward();
        return "hang up" as const;
      };
      await sequence(batch).catch(() => undefined);
      cloud.database.fault = undefined;
      expect(await sequence(batch)).toEqual({ batchItemFailures: [] });
      const { body } = await cloud.call("GET", "/v1/log?limit=1");
      const { body: end } = await cloud.call("GET", `/v1/log?after=${body.size - 3}&limit=100`);
      expect(end.entries.map(({ id }: { id: string }) => id)).toEqual(events);
    }
  });
});

describe("events that no hint announced", () => {
  test("are brought in by the recovery, in the order of their arrival, and come to positions", async () => {
    const events = await record(4);
    await drain("events"); // lost
    const { body: before } = await cloud.call("GET", "/v1/log?limit=1");
    const recovered = await invoke(FUNCTIONS.recover, {}, lambda("recover"));
    expect(recovered).toMatchObject({ behind: 4, entered: 4, published: 4, gaps: [] });
    const { body: log } = await cloud.call("GET", `/v1/log?after=${before.size - 1}`);
    expect(log.entries.map(({ id }: { id: string }) => id)).toEqual(events);
    expect(await seenIds()).toEqual(events);
    await project();
    expect((await position()).stance).toBe(lastStance());
    expect(await invoke(FUNCTIONS.recover, {}, lambda("recover"))).toMatchObject({
      behind: 0,
      entered: 0,
      published: 0,
    });
  });
});
