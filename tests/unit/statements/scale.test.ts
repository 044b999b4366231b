import { instantOf } from "@on-record/core/domain/time";
import { SORTS, type StatementFilter } from "@on-record/core/queries/statements/filter";
import { listStatements } from "@on-record/core/queries/statements/list";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { beforeAll, describe, expect, it } from "vitest";
import { ActorId, PrincipalId, PropositionId } from "@on-record/core/domain/ids";
import { loadLedger } from "../../fixtures/ledger-maker/bulk.ts";
import { CountingViews } from "../../helpers/counting-views.ts";

/** `STATEMENTS=100000` for a large ledger. */
const COUNT = Number(process.env["STATEMENTS"] ?? 6_000);
const LOADING_MS = COUNT * 20;

const day = (text: string) => instantOf(Date.parse(text));
const actor = ActorId.parse("actor-1");
const proposition = PropositionId.parse("proposition-1");

/** Each field alone, and such as are asked for together. */
const QUESTIONS: Record<string, StatementFilter> = {
  nothing: {},
  actor: { actor },
  speaker: { speaker: ActorId.parse("speaker-1") },
  proposition: { proposition },
  "actor, proposition": { actor, proposition },
  "proposition, stance": { proposition, stance: "ruled_out" },
  "actor, stance, publisher": { actor, stance: "committed", publisher: "Wire One" },
  publisher: { publisher: "Wire One" },
  recordedBy: { recordedBy: PrincipalId.parse("nobody") },
  stance: { stance: "unclear" },
  status: { status: "withdrawn" },
  "said in a month": { saidFrom: day("2019-03-01"), saidTo: day("2019-03-31") },
  "recorded in a month": { recordedFrom: day("2019-03-01"), recordedTo: day("2019-03-31") },
  "actor, said in a year": { actor, saidFrom: day("2019-01-01"), saidTo: day("2019-12-31") },
  "actor, recorded in a year": { actor, recordedFrom: day("2019-01-01"), recordedTo: day("2019-12-31") },
  "publisher, stance, said in a month": {
    publisher: "Wire One",
    stance: "open",
    saidFrom: day("2019-03-01"),
    saidTo: day("2019-03-31"),
  },
};

describe(`lists of ${COUNT} statements`, () => {
  const views = new CountingViews();
  const sources = { streams: new MemoryStreams(), log: new MemoryLog(), views };
  const told: string[] = [];

  beforeAll(async () => {
    await loadLedger({ ...sources, ledgerKey: new Uint8Array(32).fill(1) }, { seed: 7, statements: COUNT });
  }, LOADING_MS + 30_000);

  it("take less than two write units a statement, with all that happens to statements later", () => {
    const units = [...views.written].map(([view, { rows, units }]) => [view, rows / COUNT, units / COUNT] as const);
    told.push(...units.map(([view, rows, units]) => `${view}: ${rows.toFixed(2)} rows, ${units.toFixed(2)} units`));
    expect(views.written.get("statements@1")?.units).toBeLessThan(COUNT * 2);
  });

  it.each(Object.entries(QUESTIONS))(
    "by %s read a bounded part of it for a page, in every order",
    async (name, filter) => {
      for (const sort of SORTS) {
        views.resetReads();
        let page;
        try {
          page = await listStatements(sources, filter, { sort, limit: 25 });
        } catch (error) {
          told.push(`${name} · ${sort}: ${String(error).slice(0, 60)}`);
          continue;
        }
        const { reads, rowsRead, bytesRead } = views;
        const counts = `${reads} reads, ${rowsRead} rows, ${Math.ceil(bytesRead / 1_024)} KB`;
        told.push(`${name} · ${sort}: ${page.items.length} found${page.next === undefined ? "" : ", more"}; ${counts}`);
        expect(reads, told.at(-1)).toBeLessThan(400);
        expect(bytesRead, told.at(-1)).toBeLessThan(2_000_000);
      }
      if (process.env["STATEMENTS"] !== undefined) process.stdout.write(`${told.splice(0).join("\n")}\n`);
    },
  );
});
