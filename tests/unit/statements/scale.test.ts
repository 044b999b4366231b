import { SORTS } from "@on-record/core/queries/statements/filter";
import { CHANGES } from "@on-record/core/projections/changes/rows";
import { STATEMENTS } from "@on-record/core/projections/statements/rows";
import { listChanges } from "@on-record/core/queries/changes";
import { listReview } from "@on-record/core/queries/review";
import { listStatements } from "@on-record/core/queries/statements/list";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLedger } from "../../fixtures/ledger-maker/bulk.ts";
import { changesAsked, combinationsOf, reviewsAsked, statementsAsked } from "../../fixtures/ledger-maker/questions.ts";
import { CountingViews } from "../../helpers/counting-views.ts";

/** `STATEMENTS=100000` for a large ledger. */
const COUNT = Number(process.env["STATEMENTS"] ?? 6_000);
const LOADING_MS = COUNT * 20;

const PLAN = { seed: 7, statements: COUNT, goesOn: true };
const STATEMENTS_ASKED = statementsAsked(PLAN);
const CHANGES_ASKED = changesAsked(PLAN);
const REVIEWS_ASKED = reviewsAsked(PLAN);

describe(`lists of ${COUNT} statements`, () => {
  const views = new CountingViews();
  const sources = { streams: new MemoryStreams(), log: new MemoryLog(), views };
  const told: string[] = [];
  const note = (name: string, page: { items: readonly unknown[]; next?: string }) => {
    const { reads, rowsRead, bytesRead } = views;
    const counts = `${reads} reads, ${rowsRead} rows, ${Math.ceil(bytesRead / 1_024)} KB`;
    told.push(`${name}: ${page.items.length} found${page.next === undefined ? "" : ", more"}; ${counts}`);
    return told.at(-1);
  };

  beforeAll(async () => {
    await loadLedger({ ...sources, ledgerKey: new Uint8Array(32).fill(1) }, PLAN);
  }, LOADING_MS + 30_000);

  afterAll(() => {
    if (process.env["STATEMENTS"] !== undefined) process.stdout.write(`${told.join("\n")}\n`);
  });

  it("take less than two write units a statement, with all that happens to statements later", () => {
    const units = [...views.written].map(([view, { rows, units }]) => [view, rows / COUNT, units / COUNT] as const);
    told.push(...units.map(([view, rows, units]) => `${view}: ${rows.toFixed(2)} rows, ${units.toFixed(2)} units`));
    expect(views.written.get(STATEMENTS)?.units).toBeLessThan(COUNT * 2);
  });

  it.each(Object.entries(STATEMENTS_ASKED.named))(
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
        const shown = note(`${name} · ${sort}`, page);
        expect(views.reads, shown).toBeLessThan(400);
        expect(views.bytesRead, shown).toBeLessThan(2_000_000);
      }
    },
  );

  it("are followed by an index of changes that takes less than a fifth of a write unit a statement", () => {
    expect(views.written.get(CHANGES)?.units).toBeLessThan(COUNT / 5);
  });

  it.each(Object.entries(CHANGES_ASKED.named))(
    "are followed by changes, of which a page by %s takes few reads beside the changes themselves",
    async (name, filter) => {
      views.resetReads();
      const page = await listChanges(sources, filter, { limit: 20 });
      const shown = note(`changes by ${name}`, page);
      expect(views.reads - page.items.length, shown).toBeLessThan(25);
      expect(views.bytesRead, shown).toBeLessThan(1_000_000);
    },
  );

  it.each(Object.entries(REVIEWS_ASKED.named))(
    "ask for reviews, of which a page by %s takes few reads beside the items themselves",
    async (name, filter) => {
      views.resetReads();
      const page = await listReview(views, { limit: 20 }, filter);
      const shown = note(`review by ${name}`, page);
      expect(views.reads - page.items.length, shown).toBeLessThan(60);
      expect(views.bytesRead, shown).toBeLessThan(1_000_000);
    },
  );

  it("are followed by changes, of which a page by any combination of facts takes few reads beside the changes themselves", async () => {
    const combinations = combinationsOf(CHANGES_ASKED.facts);
    expect(combinations).toHaveLength(128);
    for (const filter of combinations) {
      views.resetReads();
      const { items } = await listChanges(sources, filter, { limit: 20 });
      expect(views.reads - items.length, JSON.stringify(filter)).toBeLessThan(30);
    }
  });
});
