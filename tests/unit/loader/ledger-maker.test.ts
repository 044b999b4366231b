import { createRegistry } from "@on-record/core/commands/registry";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { beforeAll, describe, expect, test } from "vitest";
import { loadLedger, type Loaded } from "../../fixtures/ledger-maker/bulk.ts";
import { commandDriver, httpDriver } from "../../fixtures/ledger-maker/drive.ts";
import { makeLedger } from "../../fixtures/ledger-maker/maker.ts";
import type { LedgerRequest } from "../../fixtures/ledger-maker/request.ts";
import { wholeLog } from "../../helpers/memory-ledger.ts";
import { entriesKnown } from "../../helpers/position-rows.ts";
import { RecordingViews } from "../../helpers/recording-views.ts";
import { testApi } from "../../http/api-for-tests.ts";
import { knowledgeOf } from "../positions/naive.ts";

const LEDGER_KEY = new Uint8Array(32).fill(7);

const ledgerOf = (seed: number, statements: number) => [...makeLedger({ seed, statements })];

type StatementRequest = Extract<LedgerRequest, { what: "statement" }>;
const isStatement = (request: LedgerRequest): request is StatementRequest => request.what === "statement";

describe("the requests", () => {
  test("are the same for the same seed and size, and others for another seed", () => {
    expect(ledgerOf(1, 300)).toEqual(ledgerOf(1, 300));
    expect(ledgerOf(2, 300)).not.toEqual(ledgerOf(1, 300));
  });

  test("hold as many statements as asked for, each request under its own key, time never running back", () => {
    for (const statements of [0, 1, 2, 777]) {
      const requests = ledgerOf(3, statements);
      expect(requests.filter(isStatement)).toHaveLength(statements);
      expect(new Set(requests.map(({ key }) => key)).size).toBe(requests.length);
      expect(requests.map(({ at }) => at)).toEqual(requests.map(({ at }) => at).toSorted((a, b) => a - b));
    }
  });

  test("are spread over ten years, in the proportions of a newsroom", () => {
    const requests = ledgerOf(4, 5_000);
    const statements = requests.filter(isStatement);
    const share = (holds: (request: StatementRequest) => boolean) => statements.filter(holds).length / 5_000;
    const acts = new Map<string, number>();
    for (const request of requests) {
      if (request.what === "act") acts.set(request.act.act, (acts.get(request.act.act) ?? 0) + 1);
    }
    const years = new Set(requests.map(({ at }) => new Date(at).getUTCFullYear()));
    expect(years.size).toBeGreaterThanOrEqual(10);
    expect(share(({ body }) => body.onBehalfOf !== undefined)).toBeGreaterThan(0.05);
    expect(share(({ body }) => /^.{10}$/.test(body.saidAt))).toBeCloseTo(0.3, 1);
    expect(share(({ at, body }) => at - Date.parse(body.saidAt) > 3 * 86_400_000)).toBeCloseTo(0.05, 1);
    const everyAct = ["reports", "report-withdrawal", "assessments", "corrections", "disputes", "conditions"];
    const more = ["order", "delegation", "merge", "withdrawal", "reinstatement"];
    expect([...acts.keys()].toSorted()).toEqual([...everyAct, ...more].toSorted());
    expect([...acts.values()].reduce((a, b) => a + b) / 5_000).toBeCloseTo(0.35, 1);
  });

  test("mostly reaffirm, and turn now and then", () => {
    const stances = new Map<string, string[]>();
    for (const { body } of ledgerOf(5, 5_000).filter(isStatement)) {
      for (const { proposition, stance } of body.assessments ?? []) {
        const name = `${body.onBehalfOf ?? body.speaker}/${proposition}`;
        stances.set(name, [...(stances.get(name) ?? []), stance]);
      }
    }
    const steps = [...stances.values()].flatMap((said) => said.slice(1).map((stance, index) => stance === said[index]));
    expect(steps.filter(Boolean).length / steps.length).toBeGreaterThan(0.75);
    expect(steps.filter((same) => !same).length / steps.length).toBeGreaterThan(0.05);
  });

  test("give one position the share of statements that it is to have", () => {
    const requests = [...makeLedger({ seed: 6, statements: 1_000, focus: 0.5 })].filter(isStatement);
    const names = requests.flatMap(({ body }) =>
      (body.assessments ?? []).map(({ proposition }) => `${body.onBehalfOf ?? body.speaker}/${proposition}`),
    );
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeGreaterThan(400);
  });
});

describe("driven into a ledger", () => {
  test("every request is accepted as a command, and leads to one event", async () => {
    const streams = new MemoryStreams();
    const random = (bytes: number) => new Uint8Array(bytes);
    const carryOut = commandDriver({ streams, registry: createRegistry(streams), ledgerKey: LEDGER_KEY, random });
    const ids = new Set<string>();
    const requests = ledgerOf(7, 1_500);
    for (const request of requests) ids.add((await carryOut(request)).event?.id ?? "none");
    expect(ids.size).toBe(requests.length);
    expect(ids).not.toContain("none");
  });

  test("every request is accepted over HTTP, and sent again it is a replay", async () => {
    const { call } = testApi();
    const codes: number[] = [];
    const drive = (seen: number[]) =>
      httpDriver(async ({ method, path, body, key, ifMatch }) => {
        const headers = ifMatch === undefined ? {} : { "if-match": ifMatch };
        const answer = await call(method, path, { body, key, headers });
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
        seen.push(answer.status);
        return answer.body;
      });
    const requests = ledgerOf(8, 150);
    const first = drive(codes);
    for (const request of requests) await first(request);
    expect(codes).toHaveLength(requests.length);
    const again: number[] = [];
    const second = drive(again);
    for (const request of requests) await second(request);
    expect(new Set(again)).toEqual(new Set([200]));
  });
});

describe("loaded in bulk", () => {
  const streams = new MemoryStreams();
  const log = new MemoryLog();
  const views = new RecordingViews();
  const plan = { seed: 9, statements: 400 };
  let loaded: Loaded;
  beforeAll(async () => {
    loaded = await loadLedger({ streams, log, views, ledgerKey: LEDGER_KEY }, plan);
  });

  test("is all in the log, which the bus need not be told of", async () => {
    const size = ledgerOf(9, 400).length;
    expect(loaded).toEqual({ statements: 400, events: size });
    expect(await log.head()).toMatchObject({ size, pointedThrough: size, publishedThrough: size });
    const history = await wholeLog(log, streams);
    expect(new Set(history.map(({ entry }) => entry.recordedAt)).size).toBeGreaterThan(size / 100);
    expect(history.every(({ entry }) => entry.recordedAt >= entry.receivedAt)).toBe(true);
    expect(new Date(history[0]?.entry.recordedAt ?? 0).getUTCFullYear()).toBe(2015);
    expect(new Date(history.at(-1)?.entry.recordedAt ?? 0).getUTCFullYear()).toBeGreaterThanOrEqual(2024);
  });

  test("stands where the plain fold of its statements stands", async () => {
    const history = await wholeLog(log, streams);
    const { positions } = knowledgeOf(history.filter(({ entry }) => entry.stream.startsWith("statement/")));
    expect(positions.size).toBeGreaterThan(50);
    for (const { position, folded } of positions.values()) {
      const rows = entriesKnown(views, position).toSorted((a, b) => (a.entry.key < b.entry.key ? -1 : 1));
      expect(rows.map(({ entry, outcome, state }) => ({ entry, step: { outcome, state } }))).toEqual(folded);
    }
  });

  test("is the same to the last digest when it is loaded again", async () => {
    const other = { streams: new MemoryStreams(), log: new MemoryLog(), views: new RecordingViews() };
    await loadLedger({ ...other, ledgerKey: LEDGER_KEY }, plan);
    expect(await wholeLog(other.log, other.streams)).toEqual(await wholeLog(log, streams));
  });

  test("into stores that are not empty is refused", async () => {
    const place = { streams: new MemoryStreams(), log, views: new RecordingViews(), ledgerKey: LEDGER_KEY };
    await expect(loadLedger(place, { seed: 1, statements: 1 })).rejects.toThrow("empty stores only");
  });
});
