import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PrincipalId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { StreamName } from "@on-record/core/log/envelope";
import { listChanges } from "@on-record/core/queries/changes";
import { listLog, type LogFilter } from "@on-record/core/queries/log";
import { searchRegistry, type RegistryQuestion } from "@on-record/core/queries/registry-search";
import { listReview } from "@on-record/core/queries/review";
import { SORTS, type StatementFilter } from "@on-record/core/queries/statements/filter";
import { listStatements } from "@on-record/core/queries/statements/list";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { startEngine } from "@on-record/local/engine";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instantOf } from "@on-record/core/domain/time";
import { loadEngine } from "../tests/fixtures/ledger-maker/engine.ts";
import type { LedgerPlan } from "../tests/fixtures/ledger-maker/maker.ts";
import {
  changesAsked,
  combinationsOf,
  reviewsAsked,
  statementsAsked,
} from "../tests/fixtures/ledger-maker/questions.ts";
import { LEDGER_KEY, type BenchOptions, type Place } from "./place.ts";
import { ReadCount } from "./reads.ts";
import { tableOf } from "./report.ts";

const FEW_STATEMENTS = 1_000;
const SEED = 7;
const LIMIT = 20;

/** What a page took; of several questions the most. */
interface Cost {
  found: number;
  calls: number;
  units: number;
  /** Questions that were refused with `needs_index`, of how many. */
  refused: number;
  asked: number;
}

type Ask = () => Promise<{ items: readonly unknown[] }>;

/** The ledger in an engine, whose every read is counted. */
function countedLedger(endpoint: string) {
  const client = new DynamoDBClient({ ...clientConfig(endpoint), cacheMiddleware: true });
  const count = new ReadCount();
  count.watch(client);
  const sources = {
    streams: new DynamoStreams({ client, table: TABLE_NAMES.events }),
    log: new DynamoLog({ client, table: TABLE_NAMES.log }),
    views: new DynamoViews({ client, table: TABLE_NAMES.views }),
  };
  return { client, count, sources };
}
type Counted = ReturnType<typeof countedLedger>;

async function mostOf({ count }: Counted, questions: readonly Ask[]): Promise<Cost> {
  const most: Cost = { found: 0, calls: 0, units: 0, refused: 0, asked: questions.length };
  for (const ask of questions) {
    count.clear();
    try {
      const { items } = await ask();
      most.found = Math.max(most.found, items.length);
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== "needs_index") throw error;
      most.refused += 1;
      continue;
    }
    most.calls = Math.max(most.calls, count.calls);
    most.units = Math.max(most.units, count.units);
  }
  return most;
}

const DAY_MS = 86_400_000;
const YEAR = {
  recordedFrom: instantOf(Date.UTC(2019, 0, 1)),
  recordedTo: instantOf(Date.UTC(2019, 0, 1) + 365 * DAY_MS),
};

const LOGS: Record<string, LogFilter> = {
  nothing: {},
  stream: { stream: StreamName.parse("actor/actor-1") },
  "recorded in a year": YEAR,
  "type, recorded in a year": { ...YEAR, type: "StatementMerged" },
  "recordedBy, recorded in a year": { ...YEAR, recordedBy: PrincipalId.parse("nobody") },
};

const REGISTRY: Record<string, RegistryQuestion> = {
  "actors: nothing": { kind: "actor", words: [], properties: [] },
  "actors: a word": { kind: "actor", words: ["ministry"], properties: [] },
  "actors: kind and a word": { kind: "actor", words: ["speaker"], properties: ["kind#person"] },
  "actors: speaksFor": { kind: "actor", words: [], properties: ["speaksFor#actor-1"] },
  "actors: wikidata": { kind: "actor", words: [], properties: ["wikidata#Q2"] },
  "propositions: two words": { kind: "proposition", words: ["bans", "grain"], properties: [] },
  "propositions: topic": { kind: "proposition", words: [], properties: ["topic#energy"] },
};

/** Every question, by its name. */
function questionsOf({ sources }: Counted, plan: LedgerPlan): [string, Ask[]][] {
  const paging = { limit: LIMIT };
  const inEveryOrder = (filter: StatementFilter) =>
    SORTS.map((sort) => () => listStatements(sources, filter, { ...paging, sort }));
  const statements = statementsAsked(plan);
  const changes = changesAsked(plan);
  const reviews = reviewsAsked(plan);
  const asked = <F>(list: string, named: Record<string, F>, ask: (filter: F) => Ask[]) =>
    Object.entries(named).map(([name, filter]): [string, Ask[]] => [`${list}: ${name}`, ask(filter)]);
  const all = <F extends object>(
    list: string,
    facts: readonly F[],
    ask: (filter: Partial<F>) => Ask[],
  ): [string, Ask[]] => [`**${list}: every combination**`, combinationsOf(facts).flatMap(ask)];
  const change = (filter: (typeof changes.facts)[number]) => [() => listChanges(sources, filter, paging)];
  const review = (filter: (typeof reviews.facts)[number]) => [() => listReview(sources.views, paging, filter)];
  return [
    ...asked("statements", statements.named, inEveryOrder),
    all("statements", statements.facts, inEveryOrder),
    ...asked("changes", changes.named, change),
    all("changes", changes.facts, change),
    ...asked("review", reviews.named, review),
    all("review", reviews.facts, review),
    ...asked("log", LOGS, (filter) => [
      async () => ({ items: (await listLog(sources, filter, { after: -1, limit: LIMIT })).entries }),
    ]),
    ...Object.entries(REGISTRY).map(([name, question]): [string, Ask[]] => [
      name,
      [() => searchRegistry(sources.views, question, paging)],
    ]),
  ];
}

/** Loads a ledger of so many statements into an engine, and asks everything of it. */
async function costsOf(endpoint: string, statements: number): Promise<Map<string, Cost>> {
  const plan = { seed: SEED, statements, goesOn: true };
  const onRound = (events: number) => console.error(`${events} events`);
  await loadEngine({ endpoint, ledgerKey: LEDGER_KEY, ...plan, onRound });
  const ledger = countedLedger(endpoint);
  const costs = new Map<string, Cost>();
  for (const [name, questions] of questionsOf(ledger, plan)) costs.set(name, await mostOf(ledger, questions));
  ledger.client.destroy();
  return costs;
}

/** The same in an engine of its own, beside the one that is there. */
async function costsApart(folder: string, statements: number): Promise<Map<string, Cost>> {
  const own = mkdtempSync(join(folder, "on-record-bench-"));
  const engine = await startEngine({ folder: own });
  try {
    return await costsOf(engine.endpoint, statements);
  } finally {
    await engine.stop();
    rmSync(own, { recursive: true, force: true });
  }
}

/** What a page of each audit query reads, in a small ledger and in a large one. */
export async function auditRows({ endpoint }: Place, { statements }: BenchOptions): Promise<string> {
  const few = await costsApart(tmpdir(), FEW_STATEMENTS);
  const many = await costsOf(endpoint, statements);
  const cells = ({ found, calls, units }: Cost) => [found, calls, units].map((value) => String(Math.round(value)));
  const rows = [...many].flatMap(([name, cost]) => {
    const small = few.get(name);
    if (small === undefined) return [];
    const { asked, refused } = cost;
    const shown = asked > SORTS.length ? `${name}, ${asked}, of which ${refused} refused` : name;
    return [[shown, ...cells(small), ...cells(cost)]];
  });
  const head = [FEW_STATEMENTS, statements].flatMap((count) => [`${count}: found`, "reads", "units"]);
  return tableOf(["a page by", ...head], rows);
}
