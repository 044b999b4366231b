import { StatementId } from "@on-record/core/domain/ids";
import { entriesOf } from "@on-record/core/domain/position/entry";
import { NO_POSITION } from "@on-record/core/domain/position/fold";
import { redact } from "@on-record/core/domain/statement/erasure";
import type { Statement } from "@on-record/core/domain/statement/state";
import { instantOf } from "@on-record/core/domain/time";
import { LIMITS } from "@on-record/core/limits";
import { momentKey } from "@on-record/core/projections/moments";
import { packEntry } from "@on-record/core/projections/positions/entry-form";
import { entrySk, positionPk, statementPk } from "@on-record/core/projections/positions/rows";
import { unlikeOf } from "@on-record/core/projections/positions/unlike";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { expect, test } from "vitest";
import { AIR, assessment, MACRON, recorded, st, statementOf, TRUMP } from "../../fixtures/statements.ts";

const AT = instantOf(Date.parse("2025-08-25T12:00:00Z"));
/** Behind everything. */
const TOMBSTONE = { sequence: 900_000, recordedAt: AT };

/** What was said of the troops, in so many readings. */
function said(id: StatementId, conditions: readonly string[], more: Parameters<typeof recorded>[0] = {}): Statement {
  const [first = "", ...others] = conditions;
  const read = (condition: string) => ({ assessments: [assessment({ condition })] });
  return statementOf(
    recorded({ statement: id, ...read(first), ...more }),
    ...others.map((condition) => ({ type: "StatementAssessed" as const, data: read(condition) })),
  );
}

async function keepStatement(views: MemoryViews, statement: Statement, sequence: number): Promise<void> {
  await views.put([{ pk: statementPk(statement.id), sk: momentKey(AT, sequence), body: { statement } }]);
}

async function keepEntry(views: MemoryViews, statement: Statement, sequence: number): Promise<void> {
  const actor = statement.speaker;
  const rows = [...entriesOf(statement, sequence)].flatMap(([proposition, entries]) =>
    entries.map((entry) => ({
      pk: positionPk({ actor, proposition }),
      sk: entrySk(entry.key, sequence),
      body: packEntry({ recordedAt: AT, entry, outcome: { kind: "noted", why: "weaker" }, state: NO_POSITION }),
    })),
  );
  await views.put(rows);
}

/** Statements by three letters and more: there are thousands. */
const nth = (n: number) => {
  const digits = [n >> 10, (n >> 5) & 31, n & 31].map((digit) => "abcdefghijklmnopqrstuvwxyz234567".charAt(digit));
  return StatementId.parse(`st_${digits.join("").padEnd(26, "x")}`);
};

test("an erased condition is remembered to differ from those that others had on its positions, by their readings", async () => {
  const views = new MemoryViews();
  await keepStatement(views, said(st("a"), ["if asked", "if paid"]), 0);
  const others: [StatementId, string[], Parameters<typeof recorded>[0]?][] = [
    [st("b"), ["if asked"]],
    [st("c"), ["if asked", "if begged"]],
    [st("d"), ["if begged"], { assessments: [assessment({ proposition: AIR, condition: "if begged" })] }],
    [st("e"), ["if begged"], { speaker: MACRON }],
    [st("f"), ["replaced by the next"], { assessments: [assessment()] }],
  ];
  for (const [index, [id, conditions, more]] of others.entries()) {
    await keepEntry(views, said(id, conditions, more), index + 1);
  }
  expect(await unlikeOf(views, st("a"), TOMBSTONE)).toEqual({
    "1.0": [`${st("c")}:2.0`],
    "2.0": [`${st("b")}:1.0`, `${st("c")}:2.0`],
  });
});

test("what comes behind the tombstone, and what was erased before, is left out", async () => {
  const views = new MemoryViews();
  await keepStatement(views, said(st("a"), ["if asked"]), 0);
  await keepEntry(views, redact(said(st("b"), ["if paid"]), { numbers: {}, unlike: {} }), 1);
  await keepEntry(views, said(st("c"), ["if paid"]), 7);
  expect(await unlikeOf(views, st("a"), { sequence: 7, recordedAt: AT })).toEqual({});
  expect(await unlikeOf(views, st("a"), { sequence: 8, recordedAt: AT })).toEqual({ "1.0": [`${st("c")}:1.0`] });
});

test("follows a statement to every actor whose position it was ever taken to state", async () => {
  const views = new MemoryViews();
  await keepStatement(views, said(st("a"), ["if asked"], { speaker: MACRON }), 0);
  await keepStatement(views, said(st("a"), ["if asked"], { speaker: TRUMP }), 1);
  await keepEntry(views, said(st("b"), ["if paid"], { speaker: MACRON }), 2);
  await keepEntry(views, said(st("c"), ["if paid"], { speaker: TRUMP }), 3);
  expect(await unlikeOf(views, st("a"), TOMBSTONE)).toEqual({ "1.0": [`${st("b")}:1.0`, `${st("c")}:1.0`] });
});

test("of very many, no more are remembered than fit with each event that they are left in", async () => {
  const views = new MemoryViews();
  await keepStatement(views, said(st("a"), ["if asked", "if paid"]), 0);
  for (let n = 0; n < LIMITS.unlikeConditionsCount; n += 1) await keepEntry(views, said(nth(n), [`if ${n}`]), n + 1);
  const unlike = await unlikeOf(views, st("a"), TOMBSTONE);
  const half = LIMITS.unlikeConditionsCount / 2;
  expect([unlike["1.0"]?.length, unlike["2.0"]?.length]).toEqual([half, half]);
});
