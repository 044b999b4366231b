/** What a ledger finds of its own after a long absence, and what it loses nothing of while its engine is looked after. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { ActorId } from "@on-record/core/domain/ids";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { startEngine, type Engine } from "@on-record/local/engine";
import { openLocalTable } from "@on-record/local/local-table";
import { openStreamReader } from "@on-record/local/stream-reader";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assessment, EDITOR, recorded, st } from "../fixtures/statements.ts";
import { until } from "../helpers/engine-for-tests.ts";
import { register, startProxy, statementBody } from "../helpers/faulty-cloud.ts";
import { enginesOn } from "../helpers/ledger-process.ts";
import { checkAcknowledged, checkChanges, checkExpected, checkLog, checkPositions } from "../helpers/load-check.ts";
import { ACTORS, Poster, setUp, soloOf } from "../helpers/load-clients.ts";
import { LoadRecord } from "../helpers/load-http.ts";
import { allChangesOf, get, settled, statementsOf, wholeLogOf } from "../helpers/load-read.ts";
import { callerFor, startLocalLedger, type LocalLedger } from "../helpers/local-ledger.ts";
import { storedEvent } from "../helpers/memory-ledger.ts";

const HOUR_MS = 3_600_000;
const LAST_SEEN = { pk: "host", sk: "last-seen" };

let folder: string;
let running: LocalLedger[] = [];
/** Engines and proxies of the test's own. */
let own: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "on-record-recovery-"));
});
afterEach(async () => {
  for (const ledger of running) await ledger.kill();
  for (const stop of own) await stop();
  running = [];
  own = [];
  await until("the engines are gone", () => enginesOn(folder).length === 0);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(environment: Record<string, string> = {}): Promise<LocalLedger> {
  const ledger = await startLocalLedger(folder, environment);
  running.push(ledger);
  return ledger;
}

/** An engine of the test's own on the folder. */
async function ownEngine(
  place = folder,
): Promise<{ engine: Engine; client: DynamoDBClient; stop: () => Promise<void> }> {
  const engine = await startEngine({ folder: place });
  const client = new DynamoDBClient(clientConfig(engine.endpoint));
  const stop = async () => {
    client.destroy();
    await engine.stop();
  };
  own.push(stop);
  return { engine, client, stop };
}

async function recordOne(ledger: LocalLedger): Promise<void> {
  await register(async (method, path, body) => {
    expect(method).toBe("PUT");
    return ledger.put(path, body);
  });
  const { body } = await ledger.post("/v1/statements", statementBody());
  expect(
    (await ledger.get(`/v1/actors/trump/positions/troops?after=${encodeURIComponent(body.event.id)}`)).status,
  ).toBe(200);
}

/** Appends an event that no pump will ever hear of, and makes the ledger one that was last seen some hours ago. */
async function appendUnheard(
  { engine, client }: { engine: Engine; client: DynamoDBClient },
  hoursAgo: number,
): Promise<string> {
  const statement = st("b");
  const saidAt = saidAtFrom("2025-08-20");
  const said = {
    statement,
    speaker: ActorId.parse("trump"),
    saidAt,
    assessments: [assessment({ proposition: "troops", stance: "committed" })],
  };
  const event = storedEvent({ statement, version: 1, recordedBy: EDITOR, event: recorded(said) }, Date.now());
  await new DynamoStreams({ client, table: TABLE_NAMES.events }).append(event);
  const streams = new DynamoDBStreamsClient(clientConfig(engine.endpoint));
  const reader = openStreamReader(streams, TABLE_NAMES.events, undefined);
  let sequenceNumber = "";
  for (let some = await reader.next(); some.length > 0; some = await reader.next()) {
    sequenceNumber = some.at(-1)?.dynamodb?.SequenceNumber ?? "";
  }
  streams.destroy();
  const table = openLocalTable(client, TABLE_NAMES.local);
  await table.put({ pk: "checkpoint#sequence", sk: TABLE_NAMES.events, sequenceNumber });
  await table.put({ ...LAST_SEEN, at: Date.now() - hoursAgo * HOUR_MS });
  return event.id;
}

const stanceOf = async (ledger: LocalLedger) =>
  (await ledger.get("/v1/actors/trump/positions/troops")).body.position?.stance;
const logHolds = (ledger: LocalLedger, id: string) => async () =>
  (await ledger.get("/v1/log?limit=100")).body.entries?.some((entry: { id: string }) => entry.id === id);

describe("an event that no stream record announces", { timeout: 60_000 }, () => {
  test("is found by the start after a long sleep, and comes to a position", async () => {
    const first = await start();
    await recordOne(first);
    await first.stop();
    const other = await ownEngine();
    const id = await appendUnheard(other, 30);
    await other.stop();

    const second = await start();
    await until("it is in the log", logHolds(second, id), 10_000);
    expect(second.output()).toContain("slept for 30 hours");
    await until("it comes to a position", async () => (await stanceOf(second)) === "committed");
    expect((await second.get("/v1/changes")).body.changes).toHaveLength(2);
    await second.stop();
    const third = await start();
    await sleep(500);
    expect(third.output()).not.toContain("slept");
    await third.stop();
  });

  test("is found also when the store fails at first: the search is not given up", async () => {
    const other = await ownEngine(join(folder, "engine"));
    const proxy = await startProxy(other.engine.endpoint);
    own.push(() => proxy.stop());
    const id = await appendUnheard(other, 30);
    proxy.fault = ({ operation }) =>
      operation === "Scan" ? { status: 400, body: '{"__type":"AccessDeniedException"}' } : undefined;
    const ledger = await start({ AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint });
    await until("the first try failed", () => ledger.output().includes("will be tried again"));
    const table = openLocalTable(other.client, TABLE_NAMES.local);
    await sleep(300);
    expect(Number((await table.get(LAST_SEEN))?.["at"])).toBeLessThan(Date.now() - 29 * HOUR_MS);
    proxy.fault = undefined;
    await until("it is in the log", logHolds(ledger, id), 10_000);
    await until("it counts as seen", async () => Number((await table.get(LAST_SEEN))?.["at"]) > Date.now() - HOUR_MS);
    await ledger.stop();
  });
});

test("looking after the engine again and again under load loses nothing", { timeout: 60_000 }, async () => {
  const { engine } = await ownEngine(join(folder, "engine"));
  const ledger = await start({ AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint });
  const record = new LoadRecord();
  const shared = { statements: [] };
  await setUp(ledger, record, 3);
  const posters = [0, 1, 2].map((number) => new Poster(number, { at: ledger, seed: 1, record, shared }));
  let posting = true;
  const load = Promise.all(posters.map((poster) => poster.run(() => posting)));
  for (let round = 0; round < 8; round += 1) {
    await sleep(250);
    await engine.maintain();
  }
  posting = false;
  await load;
  expect(await settled(ledger, 20_000)).toMatchObject({ settled: true });
  const log = await wholeLogOf(ledger);
  const changes = await allChangesOf(ledger);
  const read = await statementsOf(ledger, log);
  const actors = [...ACTORS, ...posters.map((_, index) => soloOf(index))];
  const shown = (
    await Promise.all(actors.map(async (id) => (await get(ledger, `/v1/actors/${id}/positions`)).positions))
  ).flat();
  const checks = [
    checkLog(log),
    checkAcknowledged(record.acknowledged, log, new Set(log.map(({ id }) => id)), read),
    checkChanges(changes, []),
    checkPositions(shown, read),
    checkExpected(
      shown,
      posters.map(({ expected }) => expected),
    ),
  ];
  expect([...record.violations, ...checks.flatMap(({ violations }) => violations)]).toEqual([]);
  process.stdout.write(`8 rounds of maintenance: ${record.answers} answers, ${record.lost} attempts repeated\n`);
  expect((await callerFor(ledger.url, ledger.token).get("/health")).status).toBe(200);
  await ledger.stop();
});
