import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LedgerStores } from "@on-record/local/stores";
import type { LogEntry } from "@on-record/core/log/envelope";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { catchUp } from "@on-record/core/projections/run";
import { publishDerived } from "@on-record/core/delivery/publish-derived";
import { sequence } from "@on-record/core/sequencer/sequence";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { beforeAll, describe, expect, test } from "vitest";
import { sign, SIGNER_KEY, VERIFIER_KEY } from "../helpers/log-keys.ts";
import { commandLine, filledLedger, testFolder, type TestLedger } from "./cli-for-tests.ts";
import { Tampered } from "./tampering.ts";

const FILES = ["events.jsonl", "leaves.txt", "checkpoint", "statements.csv", "who-did-what.csv", "SHA256SUMS"];
const ENV = { ON_RECORD_LOG_SIGNING_KEYS: SIGNER_KEY, ON_RECORD_LOG_VERIFIER_KEYS: VERIFIER_KEY };

function emptyStores() {
  const stores = {
    streams: new MemoryStreams(),
    log: new MemoryLog(),
    views: new MemoryViews(),
    places: new MemoryViews(),
  };
  return stores satisfies LedgerStores;
}

let original: TestLedger;
let erased: string;
beforeAll(async () => {
  original = await filledLedger(5);
  erased = await original.record({ text: "Words that were erased." });
  const disputed = await original.record({ text: "We will not place ground troops in Ukraine.", assessments: [] });
  await original.settle();
  await original.ask("POST", `/v1/statements/${disputed}/disputes`, { reason: "never said" });
  await original.settle();
  await original.erase(erased);
});

async function exported(folder: string, stores: LedgerStores = original.stores, name = "ex"): Promise<string> {
  const { code, err } = await commandLine(folder, { stores, env: ENV })("export", "--out", name, "--data", "x");
  expect([code, err]).toEqual([0, ""]);
  return join(folder, name);
}

async function wholeLog(log: LedgerStores["log"]): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let next = 0; ;) {
    const segment = await log.segmentAt(next);
    if (segment === null) return entries;
    entries.push(...segment.entries);
    next = segment.first + segment.entries.length;
  }
}

const restoring = (folder: string, stores: LedgerStores, signal?: AbortSignal) =>
  commandLine(folder, { stores, env: ENV, ...(signal && { signal }) })("restore", "--from", "ex", "--data", "x");

describe("a restore", () => {
  test("is word for word: the same entries, segments, events and root, what was erased included", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    const { code, out } = await restoring(folder, stores);
    expect(code).toBe(0);
    expect(out).toContain("12 events restored, word for word, with the root ");
    expect(await wholeLog(stores.log)).toEqual(await wholeLog(original.log));
    expect((await stores.log.segmentAt(10))?.entries).toEqual((await original.log.segmentAt(10))?.entries);
    const [head, before] = [await stores.log.head(), await original.log.head()];
    expect([head.size, head.recordedAt, head.frontier, head.checkpoint]).toEqual([
      before.size,
      before.recordedAt,
      before.frontier,
      before.checkpoint,
    ]);
    expect([head.pointedThrough, head.publishedThrough]).toEqual([12, 12]);
    const ids = (await wholeLog(original.log)).map(({ id }) => id);
    expect(await stores.streams.read(ids)).toEqual(await original.streams.read(ids));
    expect(ids.map((id) => id.startsWith(`statement/${erased}`)).filter(Boolean)).toHaveLength(2);

    await exported(folder, stores, "again");
    for (const name of FILES) {
      expect(readFileSync(join(folder, "again", name), "utf8"), name).toBe(
        readFileSync(join(folder, "ex", name), "utf8"),
      );
    }
  });

  test("leads to the same views, and to a log that goes on behind it", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    await restoring(folder, stores);
    for (const projection of PROJECTIONS) await catchUp(projection, stores);
    const state = (of: LedgerStores) => commandLine(folder, { stores: of })("state", "--at", "11");
    expect((await state(stores)).out).toBe((await state(original.stores)).out);
    expect((await commandLine(folder, { stores })("check")).code).toBe(0);
    const bus = new MemoryBus();
    const done = await sequence(
      { ...stores, bus, sign, clock: () => 0, sleep: async () => {} },
      (await wholeLog(stores.log)).map(({ stream, version }) => ({ stream, version })),
    );
    expect([done.entered, done.published, done.size]).toEqual([0, 0, 12]);
  });

  test("announces nothing of what was announced where it comes from", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    await restoring(folder, stores);
    for (const projection of PROJECTIONS) await catchUp(projection, stores);
    const bus = new MemoryBus();
    expect(await publishDerived({ views: stores.views, places: stores.places, bus })).toBe(0);
    expect(bus.accepted).toEqual([]);
  });

  test("is done once: into what it made it is not done again", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    await restoring(folder, stores);
    const { code, err } = await restoring(folder, stores);
    expect([code, err]).toEqual([1, "on-record: the ledger is not empty: an export is restored into a new one\n"]);
  });
});

/** Stores of which the call of that number fails, before its work or behind it; and how many calls there were. */
function dying(stores: ReturnType<typeof emptyStores>, at: number, when: "before" | "after") {
  let calls = 0;
  const guarded = <T extends object>(target: T, names: readonly string[]): T =>
    new Proxy(target, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== "function" || !names.includes(String(name)))
          return typeof value === "function" ? value.bind(of) : value;
        return async (...args: unknown[]) => {
          calls += 1;
          const dies = calls === at;
          if (dies && when === "before") throw new Error("killed");
          const result: unknown = await value.apply(of, args);
          if (dies) throw new Error("killed");
          return result;
        };
      },
    });
  const dyingStores: LedgerStores = {
    streams: guarded(stores.streams, ["append"]),
    log: guarded(stores.log, ["commit", "point", "advance"]),
    views: stores.views,
    places: guarded(stores.places, ["advance"]),
  };
  return { stores: dyingStores, calls: () => calls };
}

describe("a restore that is killed", () => {
  test("at any write, before it or behind it, is gone on with and ends the same", async () => {
    const folder = testFolder();
    await exported(folder);
    const counting = dying(emptyStores(), 0, "before");
    expect((await restoring(folder, counting.stores)).code).toBe(0);
    const writes = counting.calls();
    expect(writes).toBeGreaterThan(25);
    const wanted = await wholeLog(original.log);
    for (let at = 1; at <= writes; at += 1) {
      for (const when of ["before", "after"] as const) {
        const stores = emptyStores();
        const killed = await restoring(folder, dying(stores, at, when).stores);
        expect([at, when, killed.code]).toEqual([at, when, 1]);
        const again = await restoring(folder, stores);
        // All was done but the answer to the last write: then there is nothing left to do.
        const isDone = at === writes && when === "after";
        expect([at, when, again.code, again.err]).toEqual([
          at,
          when,
          isDone ? 1 : 0,
          isDone ? expect.stringContaining("not empty") : "",
        ]);
        expect(await wholeLog(stores.log)).toEqual(wanted);
        expect((await stores.log.head()).pointedThrough).toBe(wanted.length);
        const ids = wanted.map(({ id }) => id);
        expect(await stores.streams.read(ids)).toEqual(await original.streams.read(ids));
      }
    }
  }, 60_000);

  test("gives no number away to a sequencer that runs meanwhile", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    await restoring(folder, dying(stores, 20, "after").stores);
    const hints: { stream: LogEntry["stream"]; version: number }[] = [];
    for await (const page of stores.streams.scan()) hints.push(...page);
    expect(hints.length).toBeGreaterThan(2);
    const { entered } = await sequence(
      { ...stores, bus: new MemoryBus(), sign, clock: () => 0, sleep: async () => {} },
      hints,
    );
    expect(entered).toBe(0);
    expect((await restoring(folder, stores)).code).toBe(0);
    expect(await wholeLog(stores.log)).toEqual(await wholeLog(original.log));
  });

  test("is gone on with by no other export", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    await restoring(folder, dying(stores, 20, "after").stores);
    const other = await filledLedger(9);
    await exported(folder, other.stores, "other");
    const longer = await commandLine(folder, { stores, env: ENV })("restore", "--from", "other", "--data", "x");
    expect([longer.code, longer.err]).toEqual([1, expect.stringMatching(/holds other events than this export/)]);
    const shorter = await filledLedger(1);
    await exported(folder, shorter.stores, "shorter");
    const { err } = await commandLine(folder, { stores, env: ENV })("restore", "--from", "shorter", "--data", "x");
    expect(err).toContain("an export of 12 events was begun to be restored here; this one has 4");
  });
});

describe("nothing is restored", () => {
  test("into a ledger that holds something, were it but on its way into the log", async () => {
    const folder = testFolder();
    await exported(folder);
    const other = await filledLedger(1);
    expect((await restoring(folder, other.stores)).err).toContain("the ledger is not empty");
    const stores = emptyStores();
    const [event] = await original.streams.load((await wholeLog(original.log))[0]?.stream ?? ("" as never));
    if (event) await stores.streams.append(event);
    expect((await restoring(folder, stores)).err).toContain("the ledger is not empty");
  });

  test.each<[string, (it: Tampered) => Tampered, RegExp]>([
    [
      "was altered",
      (it) => it.event(4, (line) => (line.data.text = "We will.")),
      /not as it was \(altered\): what event 4 /,
    ],
    ["was cut off", (it) => it.edit("events.jsonl", (text) => text.slice(0, -50)), /not as it was \(cut_off\)/],
    [
      "has another log's checkpoint",
      (it) => it.edit("checkpoint", (text) => text.replaceAll("ledger.example", "others.example")),
      /not as it was \((unsigned|other_log)\)/,
    ],
  ])("of an export that %s", async (_title, alter, message) => {
    const folder = testFolder();
    alter(new Tampered(await exported(folder)));
    const stores = emptyStores();
    const { code, err } = await restoring(folder, stores);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
    expect((await stores.log.head()).size).toBe(0);
    expect((await stores.places.checkpoint("restore")).next).toBe(0);
  });

  test("of an export whose key is not the one that is trusted", async () => {
    const folder = testFolder();
    await exported(folder);
    const stores = emptyStores();
    const key = VERIFIER_KEY.replace(/^[^+]+/, "elsewhere.example/log");
    const { code, err } = await commandLine(folder, { stores, env: ENV })(
      "restore",
      "--from",
      "ex",
      "--data",
      "x",
      "--key",
      key,
    );
    expect([code, err]).toEqual([
      2,
      expect.stringContaining("--key: the verifier key of elsewhere.example/log does not have the id"),
    ]);
    expect((await stores.log.head()).size).toBe(0);
  });
});
