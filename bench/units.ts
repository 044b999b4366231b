import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId, PrincipalId, PropositionId } from "@on-record/core/domain/ids";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import { RecordStatementInput } from "@on-record/core/commands/inputs";
import { recordStatement } from "@on-record/core/commands/record-statement";
import { createRegistry } from "@on-record/core/commands/registry";
import { putActor, putProposition } from "@on-record/core/commands/registry-entries";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { catchUp } from "@on-record/core/projections/run";
import { parseSignerKey } from "@on-record/core/log/tree/keys";
import { checkpointSigner } from "@on-record/core/sequencer/seal";
import type { Hint } from "@on-record/core/sequencer/hints";
import { sequence } from "@on-record/core/sequencer/sequence";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { splitEventId } from "@on-record/core/log/envelope";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { randomBytes } from "node:crypto";
import { UnitCount } from "./counting.ts";
import { LEDGER_KEY, SIGNER_KEY, type Place } from "./place.ts";
import { tableOf } from "./report.ts";
import { ACTOR, PROPOSITION, statementOf } from "./statement.ts";

const BATCH_COUNT = 100;
const PRINCIPAL = PrincipalId.parse("bench");

/** A ledger whose every write is counted. */
function countedLedger(endpoint: string) {
  const client = new DynamoDBClient(clientConfig(endpoint));
  const count = new UnitCount();
  count.watch(client);
  const streams = new DynamoStreams({ client, table: TABLE_NAMES.events });
  const log = new DynamoLog({ client, table: TABLE_NAMES.log });
  const views = new DynamoViews({ client, table: TABLE_NAMES.views });
  const registry = createRegistry(streams);
  const commands = { streams, registry, ledgerKey: LEDGER_KEY, clock: Date.now, random: randomBytes };
  const bus = new MemoryBus();
  const sign = checkpointSigner([parseSignerKey(SIGNER_KEY)]);
  const enter = async (hints: readonly Hint[]) => {
    await sequence({ streams, log, bus, sign, clock: Date.now, sleep: async () => {} }, hints);
    for (const projection of PROJECTIONS) await catchUp(projection, { streams, log, views });
  };
  const record = async (n: number): Promise<Hint> => {
    const payload = RecordStatementInput.parse(statementOf(n).body);
    const { event } = await recordStatement(commands, { principal: PRINCIPAL, idempotencyKey: `unit-${n}`, payload });
    if (event === null) throw new Error("nothing was recorded");
    return splitEventId(event.id);
  };
  return { client, count, commands, enter, record };
}

/** Write units of a new statement that reaffirms a position: the append alone, and all that follows from it. */
export async function unitRows({ endpoint }: Place): Promise<string> {
  const { client, count, commands, enter, record } = countedLedger(endpoint);
  const asked = <P>(payload: P) => ({ principal: PRINCIPAL, payload });
  await putActor(commands, ActorId.parse(ACTOR), asked(ActorProfile.parse({ name: "Donald Trump", kind: "person" })));
  const wording = PropositionProfile.parse({ wording: "The United States deploys ground troops in Ukraine" });
  await putProposition(commands, PropositionId.parse(PROPOSITION), asked(wording));
  await enter(await Promise.all([record(0), record(1)]));

  const measured: { name: string; statements: number; count: UnitCount }[] = [];
  const take = (name: string, statements: number) => {
    const copy = new UnitCount();
    for (const [key, value] of count.byTable) copy.byTable.set(key, value);
    for (const [key, value] of count.byKind) copy.byKind.set(key, { ...value });
    measured.push({ name, statements, count: copy });
  };
  count.clear();
  const alone = await record(2);
  take("the append alone", 1);
  await enter([alone]);
  take("all in, entering by itself", 1);
  count.clear();
  const hints: Hint[] = [];
  for (let n = 3; n < 3 + BATCH_COUNT; n += 1) hints.push(await record(n));
  await enter(hints);
  take(`all in, entering with ${BATCH_COUNT}`, BATCH_COUNT);
  client.destroy();

  const totals = measured.map(({ name, statements, count: { byTable } }) => {
    const of = (table: string) => (byTable.get(table) ?? 0) / statements;
    const tables = [TABLE_NAMES.events, TABLE_NAMES.log, TABLE_NAMES.views].map(of);
    return [name, ...[...tables, tables.reduce((a, b) => a + b, 0)].map((units) => units.toFixed(2))];
  });
  const kinds = measured
    .slice(1)
    .flatMap(({ name, statements, count: { byKind } }) =>
      [...byKind].map(([kind, { rows, bytes, units }]) => [
        name,
        kind,
        (rows / statements).toFixed(2),
        (bytes / rows).toFixed(0),
        (units / statements).toFixed(2),
      ]),
    );
  return [
    tableOf(["write units a statement", "Events", "Log", "Views", "in all"], totals),
    tableOf(["", "kind of row", "rows a statement", "bytes a row", "units a statement"], kinds),
  ].join("\n\n");
}
