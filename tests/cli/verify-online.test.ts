import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { beforeAll, describe, expect, test } from "vitest";
import { generateSigner } from "./signers.ts";
import { commandLine, filledLedger, testFolder, testLedger, type Json, type TestLedger } from "./cli-for-tests.ts";
import { statement } from "../http/api-for-tests.ts";

/** More events than a tile holds, so that there are two levels of them. */
const STATEMENTS = 300;
const SIZE = STATEMENTS + 3;

let ledger: TestLedger;
let reader: string;
beforeAll(async () => {
  ledger = testLedger();
  await ledger.seed();
  for (let from = 0; from < STATEMENTS; from += 100) {
    const statements = Array.from({ length: 100 }, (_, n) => {
      return statement({
        text: `We will not, said ${from + n}.`,
        report: { publisher: "W", url: `https://w.example/${from + n}` },
        assessments: [],
      });
    });
    const { counts } = await ledger.ask("POST", "/v1/statements:batch", { statements });
    expect(counts.recorded).toBe(100);
  }
  await ledger.enterLog();
  reader = (await ledger.ask("POST", "/v1/tokens", { principal: "auditor", scopes: ["read"] })).value;
});

type Alter = (body: string, url: string) => string;

/** A server that alters what it answers on some paths. */
function lying(on: RegExp, alter: Alter, honest = ledger.fetch): TestLedger["fetch"] {
  return async (url, init) => {
    const response = await honest(url, init);
    const path = url.replace("http://ledger.test", "");
    if (!on.test(path) || !response.ok) return response;
    const bytes = Buffer.from(await response.arrayBuffer());
    return new Response(Buffer.from(alter(bytes.toString("latin1"), path), "latin1"), { headers: response.headers });
  };
}

/** Verifies over HTTP; gives the finding or, where nothing was found, everything. */
async function verified(
  fetch: TestLedger["fetch"],
  { folder = testFolder(), token = "", more = [] as string[] } = {},
): Promise<Json> {
  const cli = commandLine(folder, { fetch });
  const { code, json, err } = await cli(
    "verify",
    "http://ledger.test",
    "--json",
    ...(token === "" ? [] : ["--token", token]),
    ...more,
  );
  expect(err).toBe("");
  expect(code).toBe(json().verified ? 0 : 1);
  return json().finding ?? json();
}

const editLines =
  (alter: (lines: Json[]) => Json[]): Alter =>
  (body) => {
    const page = JSON.parse(body);
    return JSON.stringify({ ...page, lines: alter(page.lines) });
  };
/** Alters the pages of the export, but for the first look at whether they may be had. */
const onExport = (alter: (lines: Json[]) => Json[]) => lying(/^\/v1\/export(?!.*limit=1$)/, editLines(alter));

describe("a ledger over HTTP", () => {
  test("is proved to its last event with a token of scope admin", async () => {
    expect(await verified(ledger.fetch)).toMatchObject({
      verified: true,
      size: SIZE,
      digests: SIZE,
      withoutData: 0,
      erased: [],
    });
  });

  test("is proved with a token that may only read, but for what actors and propositions say", async () => {
    expect(await verified(ledger.fetch, { token: reader })).toMatchObject({
      size: SIZE,
      digests: STATEMENTS,
      withoutData: 3,
    });
    const { out } = await commandLine(testFolder(), ledger)("verify", "http://ledger.test", "--token", reader);
    expect(out).toContain(
      "what 3 events of actors and propositions said: that takes a token of scope admin, or an export",
    );
  });

  test("is seen to continue what was seen before, over HTTP or in an export", async () => {
    const growing = await filledLedger(3);
    const folder = testFolder();
    const cli = commandLine(folder, growing);
    await cli("export", "--out", "ex");
    await cli("verify", "ex");
    for (let n = 0; n < 4; n += 1) await growing.record({ text: `More of it: ${n}.` });
    await growing.settle();
    expect(await verified(growing.fetch, { folder })).toMatchObject({
      size: 10,
      continues: { size: 6 },
      keysFrom: "kept",
    });
    expect(await verified(growing.fetch, { folder })).toMatchObject({ size: 10, continues: { size: 10 } });
  });
});

test("what is restored of it has its tiles, too", async () => {
  const folder = testFolder();
  await commandLine(folder, ledger)("export", "--out", "ex");
  const stores = {
    streams: new MemoryStreams(),
    log: new MemoryLog(),
    views: new MemoryViews(),
    places: new MemoryViews(),
  };
  const { code } = await commandLine(folder, { stores, env: ledger.env })("restore", "--from", "ex", "--data", "x");
  expect(code).toBe(0);
  expect(await stores.log.tile(0)).toEqual(await ledger.log.tile(0));
  expect(await stores.log.subtrees(1, 0)).toEqual(await ledger.log.subtrees(1, 0));
});

describe("a server that lies", () => {
  test.each<[string, (lines: Json[]) => Json[], object]>([
    [
      "alters what an event says",
      (lines) =>
        lines.map((line) => (line.entry.sequence === 270 ? { ...line, data: { ...line.data, text: "No." } } : line)),
      { kind: "altered", sequence: 270 },
    ],
    [
      "alters an entry",
      (lines) =>
        lines.map((line) =>
          line.entry.sequence === 270 ? { ...line, entry: { ...line.entry, recordedBy: "x" } } : line,
        ),
      { kind: "altered", sequence: 270 },
    ],
    ["swaps two events", (lines) => lines.with(20, lines[260]).with(260, lines[20]), { kind: "moved", sequence: 20 }],
    ["drops an event", (lines) => lines.toSpliced(200, 1), { kind: "missing", sequence: 200 }],
    ["repeats an event", (lines) => lines.toSpliced(200, 0, lines[100]), { kind: "inserted", sequence: 200 }],
    [
      "says that an event was erased",
      (lines) =>
        lines.map(({ entry, ...rest }) =>
          entry.sequence === 5 ? { entry, data: null, erased: true } : { entry, ...rest },
        ),
      { kind: "not_erased", sequence: 5 },
    ],
  ])("and %s is found out", async (_title, alter, expected) => {
    expect(await verified(onExport(alter))).toMatchObject(expected);
  });

  test("alters a statement's words for those who may only read, and is found out", async () => {
    const { entries } = await ledger.ask("GET", "/v1/log?after=130&limit=1");
    const fetch = lying(new RegExp(`/${entries[0].stream.slice(10)}/proof`), (body) =>
      body.replace("We will not", "We will nut"),
    );
    expect(await verified(fetch, { token: reader })).toMatchObject({
      kind: "altered",
      sequence: 131,
      event: entries[0].id,
    });
  });

  test("alters an entry of a bundle, and is found out", async () => {
    const fetch = lying(/\/tile\/entries\/000$/, (body) =>
      body.replace('"recordedBy":"admin"', '"recordedBy":"other"'),
    );
    expect(await verified(fetch, { token: reader })).toMatchObject({ kind: "altered", sequence: 0 });
  });

  test("cuts a bundle off, and is found out", async () => {
    const fetch = lying(/\/tile\/entries\/000$/, (body) => body.slice(0, -10));
    expect(await verified(fetch, { token: reader })).toMatchObject({
      kind: "altered",
      message: expect.stringContaining("breaks off"),
    });
  });

  test.each(["0/000", "0/001.p/47", "1/000.p/1"])("alters the tile %s, and is found out", async (tile) => {
    const fetch = lying(
      new RegExp(`/tile/${tile.replaceAll(".", "\\.")}$`),
      (body) => body.slice(0, -1) + String.fromCharCode((body.charCodeAt(body.length - 1) + 1) % 256),
    );
    expect(await verified(fetch)).toMatchObject({ kind: "altered", message: expect.stringContaining("tile") });
  });

  test("shows a checkpoint that nobody signed, and is found out", async () => {
    const fetch = lying(/\/checkpoint$/, (body) => body.replace(`\n${SIZE}\n`, `\n${SIZE - 1}\n`));
    expect(await verified(fetch)).toMatchObject({ kind: "unsigned" });
  });
});

describe("at an address that was verified before", () => {
  /** The same log as a ledger's, up to a point, and otherwise from there on; by the same key. */
  const otherwise = async (statements: number, text: string) => {
    const other = testLedger();
    await other.seed();
    for (let n = 0; n < statements; n += 1) await other.record({ text: `${text} ${n}`, assessments: [] });
    await other.settle();
    return other;
  };

  test("another log of the same size is a fork", async () => {
    const folder = testFolder();
    await verified((await otherwise(4, "So")).fetch, { folder });
    expect(await verified((await otherwise(4, "Otherwise")).fetch, { folder })).toMatchObject({ kind: "forked" });
  });

  test("a longer log that begins otherwise is a fork", async () => {
    const folder = testFolder();
    await verified((await otherwise(4, "So")).fetch, { folder });
    expect(await verified((await otherwise(9, "Otherwise")).fetch, { folder })).toMatchObject({ kind: "forked" });
  });

  test("a shorter log has lost its end", async () => {
    const folder = testFolder();
    await verified((await otherwise(4, "So")).fetch, { folder });
    expect(await verified((await otherwise(2, "So")).fetch, { folder })).toMatchObject({ kind: "shrunk" });
  });

  test("a log of another name is not taken for a new one", async () => {
    const folder = testFolder();
    const first = await otherwise(2, "So");
    await verified(first.fetch, { folder });
    const { note, key } = generateSigner("impostor.example/log", await first.log.head());
    const keys = JSON.stringify({ origin: "impostor.example/log", keys: [key] });
    const impostor = lying(
      /\/v1\/log\/(checkpoint|keys)$/,
      (_, path) => (path.endsWith("keys") ? keys : Buffer.from(note).toString("latin1")),
      first.fetch,
    );
    expect(await verified(impostor, { folder })).toMatchObject({
      kind: "other_log",
      message:
        "at http://ledger.test was the log ledger.example/log when it was seen last, and now is impostor.example/log",
    });
  });
});

describe("an erased statement", () => {
  test("leaves a log that is proved, with its events among what was not checked", async () => {
    const erasing = await filledLedger(2);
    const id = await erasing.record({ text: "Words that a court had erased." });
    await erasing.settle();
    await erasing.erase(id);
    const admin = await verified(erasing.fetch);
    expect(admin).toMatchObject({
      verified: true,
      size: 7,
      digests: 6,
      erased: [{ sequence: 5, event: `statement/${id}@1` }],
    });
    const { value } = await erasing.ask("POST", "/v1/tokens", { principal: "auditor", scopes: ["read"] });
    expect(await verified(erasing.fetch, { token: value })).toMatchObject({
      digests: 3,
      erased: admin.erased,
      withoutData: 3,
    });
    const { out } = await commandLine(testFolder(), erasing)("verify", "http://ledger.test");
    expect(out).toContain(`what 1 erased event said, as the salt is gone (statement/${id}@1)`);
  });
});

test("a ledger that asks for a token says so, and nothing is remembered of it", async () => {
  const { code, err } = await commandLine(testFolder(), ledger)("verify", "http://ledger.test", "--token", "wrong");
  expect([code, err]).toEqual([1, expect.stringContaining("401 unauthenticated")]);
});

test("no network is a failure, and no finding", async () => {
  const { code, out, err } = await commandLine(testFolder())("verify", "http://ledger.test", "--json");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("was not answered");
});
