import type { Answer, Brief, Item, OnRecordClient, Rehearsal } from "@on-record/client";
import type { Stance } from "@on-record/core/domain/stance";
import { expect, expectTypeOf, test } from "vitest";
import { clientOf, json } from "./answering.ts";

const STATEMENT = {
  speaker: "a",
  text: "We will.",
  saidAt: "2025-08-19",
  report: { publisher: "P", url: "https://p.example" },
};

/** The compiler looks at this; nothing is sent. */
async function compiled(client: OnRecordClient): Promise<void> {
  const { position } = await client.getPosition("a", "p", { entailed: true, after: "actor/a@1" });
  expectTypeOf(position.stance).toEqualTypeOf<Exclude<Stance, "no_comment" | "unclear">>();
  // @ts-expect-error -- the path takes two ids
  await client.getPosition("a");
  // @ts-expect-error -- no such parameter
  await client.listChanges({ surprise: 1 });
  // @ts-expect-error -- a report has a URL
  await client.addReport("st_", { publisher: "P" });
  // @ts-expect-error -- recording knows no If-Match
  await client.recordStatement(STATEMENT, { ifMatch: 1 });
  await client.recordStatement(STATEMENT, { idempotencyKey: "mine" });
  const brief = await client.recordStatement(STATEMENT, { minimal: true });
  expectTypeOf(brief).toEqualTypeOf<Brief<"recordStatement">>();
  // @ts-expect-error -- similar statements are not looked for
  expect(brief.similar).toBeUndefined();
  expectTypeOf(await client.recordStatement(STATEMENT, { minimal: true, dryRun: true })).toEqualTypeOf<
    Rehearsal<"recordStatement">
  >();
  // @ts-expect-error -- only recording has a short answer
  await client.putActor("a", { name: "A", kind: "person" }, { minimal: true });

  const done = await client.withdrawStatement("st_", { reason: "R" });
  expectTypeOf(done.statement.status).toEqualTypeOf<"standing" | "unreported" | "withdrawn" | "merged">();
  const shown = await client.withdrawStatement("st_", { reason: "R" }, { dryRun: true });
  expectTypeOf(shown.dryRun).toEqualTypeOf<true>();
  // @ts-expect-error -- only a dry run shows what it would do
  expect(done.wouldRecord).toBeUndefined();
  expectTypeOf(await client.getActor("a")).toEqualTypeOf<Answer<"getActor">>();
  expectTypeOf(await client.getActor("a", {}, { ifNoneMatch: 1 })).toEqualTypeOf<Answer<"getActor"> | null>();

  expectTypeOf(await client.getLogCheckpoint()).toEqualTypeOf<string>();
  expectTypeOf(await client.getLogTile("0/000")).toExtend<Uint8Array>();
  // @ts-expect-error -- a checkpoint takes no query
  await client.getLogCheckpoint({ surprise: 1 });

  for await (const change of client.each.listChanges({ reversal: "full" })) {
    expectTypeOf(change).toEqualTypeOf<Item<"listChanges">>();
  }
  // @ts-expect-error -- that is no list
  client.each.getActor("a");
}

test("the client's types are those of the schemas", () => {
  const { client, seen } = clientOf([json({})]);
  expectTypeOf(client).toExtend<OnRecordClient>();
  expect([typeof compiled, seen]).toEqual(["function", []]);
});
