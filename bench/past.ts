import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ActorId, PropositionId, StatementId } from "@on-record/core/domain/ids";
import type { PositionId } from "@on-record/core/domain/position/entry";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { instantOf, type Instant } from "@on-record/core/domain/time";
import { base32 } from "@on-record/core/log/digest";
import { positions } from "@on-record/core/projections/positions";
import { actorIndexPk, POSITIONS } from "@on-record/core/projections/positions/rows";
import { catchUp } from "@on-record/core/projections/run";
import { findPosition } from "@on-record/core/queries/positions";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { clientConfig } from "@on-record/local/tables";
import { loadLedger } from "../tests/fixtures/ledger-maker/bulk.ts";
import { assessment, EDITOR, report, TEXT, TROOPS, TRUMP } from "../tests/fixtures/statements.ts";
import { MemoryLedger, START_MS, type Decided } from "../tests/helpers/memory-ledger.ts";
import { LEDGER_KEY, type BenchOptions, type Place } from "./place.ts";
import { ReadCount } from "./reads.ts";
import { tableOf } from "./report.ts";

const FEW_STATEMENTS = 1_000;
const LONG = 10_000;
const BACKFILL = 5_000;
const SAMPLE = 100;
const ONE_MORE = 40;
const SEGMENT_EVENTS = 100;
const HOUR_MS = 3_600_000;
const FIRST_MS = Date.parse("2023-01-01T00:00:00Z");
const LATEST = "2030-01-01T00:00:00.000Z";
const POSITION: PositionId = { actor: TRUMP, proposition: TROOPS };

type Asked = { asOf?: Instant; knownAt?: Instant };
interface Cost {
  calls: number;
  units: number;
}

/** A table for views, and a client whose every unit is counted. */
class CountedViews {
  readonly count = new ReadCount();
  readonly client: DynamoDBClient;
  readonly views: DynamoViews;

  private constructor(endpoint: string, table: string) {
    this.client = new DynamoDBClient({ ...clientConfig(endpoint), cacheMiddleware: true });
    this.count.watch(this.client);
    this.views = new DynamoViews({ client: this.client, table });
  }

  static async create(endpoint: string, table: string): Promise<CountedViews> {
    const made = new CountedViews(endpoint, table);
    const key = (name: string) => ({ AttributeName: name, AttributeType: "S" }) as const;
    await made.client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [key("pk"), key("sk")],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
    return made;
  }

  /** What a question costs, all reads counted, that of the checkpoint too; `null` where there is no position. */
  async ask(id: PositionId, asked: Asked): Promise<Cost | null> {
    this.count.clear();
    const { value } = await findPosition(this.views, id, { ...asked, now: instantOf(Date.now()) });
    return value === null ? null : { calls: this.count.calls, units: this.count.units };
  }
}

function mean(costs: readonly Cost[]): Cost {
  const of = (pick: (cost: Cost) => number) => costs.reduce((sum, cost) => sum + pick(cost), 0) / costs.length;
  return { calls: of(({ calls }) => calls), units: of(({ units }) => units) };
}

/** A ledger like real ones, and what questions about its past cost on average. */
async function ofLedger(endpoint: string, statements: number): Promise<Cost> {
  const counted = await CountedViews.create(endpoint, `ledger-${statements}`);
  const { views } = counted;
  const into = { streams: new MemoryStreams(), log: new MemoryLog(), views, ledgerKey: LEDGER_KEY };
  const onRound = (events: number) => console.error(`${events} events`);
  await loadLedger(into, { seed: 1, statements }, onRound);
  const end = Date.parse((await views.checkpoint(POSITIONS)).recordedAt ?? "");
  const begin = Date.parse((await into.log.segmentAt(0))?.recordedAt ?? "");
  const costs: Cost[] = [];
  for (let actor = 1; costs.length < SAMPLE && actor < SAMPLE; actor += 1) {
    for (const { sk } of await views.query(actorIndexPk(`actor-${actor}`), { limit: 5 })) {
      const id = { actor: ActorId.parse(`actor-${actor}`), proposition: PropositionId.parse(sk) };
      for (const share of [0.5, 0.75, 0.95]) {
        const knownAt = instantOf(Math.round(begin + (end - begin) * share));
        const cost = await counted.ask(id, { knownAt });
        if (cost !== null) costs.push(cost);
      }
    }
  }
  counted.client.destroy();
  if (costs.length === 0) throw new Error("the ledger has no positions to ask for");
  return mean(costs);
}

const idOf = (name: string) => StatementId.parse(`st_${base32(Buffer.from(name.padEnd(17, "-")), 26)}`);

/** One position whose statements are recorded at will. */
class OnePosition {
  readonly ledger = new MemoryLedger();
  #named = 0;

  decide(at: number, stance: string): Decided {
    const statement = idOf(`n${(this.#named += 1)}`);
    const data = {
      statement,
      speaker: TRUMP,
      text: TEXT,
      saidAt: saidAtFrom(instantOf(at)),
      report: report("a"),
      assessments: [assessment({ stance })],
    };
    const decided = this.ledger.decide(statement, { type: "RecordStatement", by: EDITOR, data, latest: LATEST });
    if (decided === null) throw new Error("a recording is an event");
    return decided;
  }

  async record(count: number, from: number, stepMs: number): Promise<void> {
    for (let first = 0; first < count; first += SEGMENT_EVENTS) {
      const some = Array.from({ length: Math.min(SEGMENT_EVENTS, count - first) }, (_, n) =>
        this.decide(from + (first + n) * stepMs, (first + n) % 2 === 0 ? "open" : "ruled_out"),
      );
      await this.ledger.append(some);
      await this.ledger.catchUp();
    }
  }

  /** Copies what the positions hold into a table. */
  async copyTo({ views }: CountedViews): Promise<void> {
    const rows = [...this.ledger.views.rows.values()];
    for (let at = 0; at < rows.length; at += 500) await views.put(rows.slice(at, at + 500));
    const place = await this.ledger.views.checkpoint(POSITIONS);
    const before = await views.checkpoint(POSITIONS);
    await views.advance(POSITIONS, before, place);
  }
}

/** A position with so many statements, asked about a moment when half of them were known, and projected onto. */
async function ofPosition(endpoint: string, count: number): Promise<{ known: Cost; one: number }> {
  const position = new OnePosition();
  await position.record(Math.ceil(count / 2), FIRST_MS, HOUR_MS);
  const knownAt = instantOf(position.ledger.now);
  const said = FIRST_MS + Math.ceil(count / 2) * HOUR_MS;
  await position.record(Math.floor(count / 2), said, HOUR_MS);
  const counted = await CountedViews.create(endpoint, `position-${count}`);
  await position.copyTo(counted);
  const asOf = instantOf(FIRST_MS + Math.floor(count / 4) * HOUR_MS + 1);
  const known = await counted.ask(POSITION, { knownAt, asOf });
  if (known === null) throw new Error("there is a position");

  const { log, streams } = position.ledger;
  counted.count.clear();
  for (let n = 0; n < ONE_MORE; n += 1) {
    await position.ledger.append([position.decide(said + (count + n) * HOUR_MS, n % 2 === 0 ? "open" : "ruled_out")]);
    await catchUp(positions, { log, streams, views: counted.views });
  }
  const one = counted.count.units / ONE_MORE;
  counted.client.destroy();
  return { known, one };
}

/** The same question before and after thousands of statements were recorded behind it. */
async function ofBackfill(endpoint: string): Promise<[Cost, Cost]> {
  const position = new OnePosition();
  await position.record(100, FIRST_MS, HOUR_MS);
  const asked = { knownAt: instantOf(START_MS + 1_000 * HOUR_MS), asOf: instantOf(FIRST_MS + 50 * HOUR_MS + 1) };
  const early = { knownAt: instantOf(position.ledger.now), asOf: asked.asOf };
  const before = await CountedViews.create(endpoint, "backfill-before");
  await position.copyTo(before);
  const costBefore = await before.ask(POSITION, early);
  await position.record(BACKFILL, FIRST_MS + 49 * HOUR_MS + 60_000, 300);
  const after = await CountedViews.create(endpoint, "backfill-after");
  await position.copyTo(after);
  const costAfter = await after.ask(POSITION, early);
  before.client.destroy();
  after.client.destroy();
  if (costBefore === null || costAfter === null) throw new Error("there is a position");
  return [costBefore, costAfter];
}

/** What a question about the past costs: in a small and a large ledger, of a short and a long position, after a backfill. */
export async function pastRows({ endpoint }: Place, { statements }: BenchOptions): Promise<string> {
  const ledgers = [await ofLedger(endpoint, FEW_STATEMENTS), await ofLedger(endpoint, statements)] as const;
  const [short, ten, long] = [
    await ofPosition(endpoint, 2),
    await ofPosition(endpoint, 10),
    await ofPosition(endpoint, LONG),
  ];
  const backfill = await ofBackfill(endpoint);
  const shown = ({ calls, units }: Cost) => `${units.toFixed(2)} in ${calls.toFixed(1)} calls`;
  const row = (name: string, small: Cost, large: Cost) => [
    name,
    shown(small),
    shown(large),
    (large.units / small.units).toFixed(2),
  ];
  const asked = tableOf(
    ["a position at a past `asOf` and `knownAt`, read units", "small", "large", "ratio"],
    [
      row(`ledger of ${FEW_STATEMENTS} and of ${statements} statements, mean`, ...ledgers),
      row(`position with 2 and with ${LONG} statements`, short.known, long.known),
      row(`before and after a backfill of ${BACKFILL}`, ...backfill),
    ],
  );
  const projected = tableOf(
    ["projecting one more statement, units read and written", "10 before it", `${LONG} before it`, "ratio"],
    [["mean of 40", ten.one.toFixed(2), long.one.toFixed(2), (long.one / ten.one).toFixed(2)]],
  );
  return `${asked}\n\n${projected}`;
}
