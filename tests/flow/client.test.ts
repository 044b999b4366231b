import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient, OnRecordError } from "@on-record/client";
import { ACTORS, PROPOSITIONS, STATEMENTS, TROOPS, TRUMP } from "@on-record/local/demo/story";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startLocalLedger, temporaryFolder, type LocalLedger } from "../helpers/local-ledger.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const { folder, remove } = temporaryFolder();
let ledger: LocalLedger;

beforeAll(async () => {
  ledger = await startLocalLedger(folder);
}, 120_000);

afterAll(async () => {
  await ledger.kill();
  remove();
});

async function failed(promise: Promise<unknown>): Promise<OnRecordError> {
  const error = await promise.catch((error: unknown) => error);
  if (error instanceof OnRecordError) return error;
  throw new Error(`no refusal: ${String(error)}`);
}

/** The examples of the client's README as one program, for the ledger that runs. */
async function readmeProgram(): Promise<string> {
  const readme = readFileSync(join(ROOT, "packages/client/README.md"), "utf8");
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  const source = blocks
    .join("\n")
    .replace("http://127.0.0.1:4004", ledger.url)
    .replace("the-token-that-npm-start-printed", ledger.token);
  const outfile = join(folder, "readme.mjs");
  const stdin = { contents: `${source}\nexport { log, positions, cursor };`, resolveDir: ROOT, loader: "ts" as const };
  await build({ stdin, bundle: true, format: "esm", platform: "node", outfile, logLevel: "silent" });
  return pathToFileURL(outfile).href;
}

describe("the client, against a ledger", () => {
  test("does what its README shows", async () => {
    const printed: string[] = [];
    vi.spyOn(console, "log").mockImplementation((...parts) => void printed.push(parts.join(" ")));
    const { log, positions, cursor } = await import(/* @vite-ignore */ await readmeProgram());
    expect([log.length, positions.length, typeof cursor]).toEqual([3, 1, "string"]);
    expect(printed).toEqual([
      "ruled_out since 2025-08-19T13:00:00.000Z",
      `PositionChanged ${TROOPS}`,
      // A proof, the log's name, its key, its checkpoint, and how many bytes its first tile has.
      expect.stringMatching(/^c2sp\.org\/tlog-proof@v1\nindex \d+\n[^]* on-record\.local\/\S+ [^]* \d+$/),
      "StatementWithdrawn 1",
      "actor_not_found 404",
    ]);
  });

  test("records the story, and finds it under every name", async () => {
    const { client } = ledger;
    for (const [id, profile] of Object.entries(ACTORS)) {
      await client.putActor(id, profile, { ifMatch: id === TRUMP ? 1 : undefined });
    }
    for (const [id, profile] of Object.entries(PROPOSITIONS)) {
      await client.putProposition(id, profile, { ifMatch: id === TROOPS ? "*" : undefined });
    }
    const { statement, event } = await client.recordStatement(STATEMENTS.monday);
    const again = await client.recordStatement(STATEMENTS.monday);
    expect([again.statement.id, again.replayed]).toEqual([statement.id, true]);
    const { position } = await client.getPosition(TRUMP, TROOPS, {
      after: event?.id,
      asOf: "2025-08-19",
      knownAt: "2999-01-01",
    });
    expect([position.stance, position.basis.statement]).toEqual(["open", statement.id]);
    const steps = await client.each.listHistory(TRUMP, TROOPS, { limit: 1 }).all();
    // The README has set the other statement back by a day.
    expect(steps.map(({ stance }) => stance)).toEqual(["ruled_out", "open"]);
    expect((await client.each.listActors({ limit: 2 }).all()).map(({ id }) => id)).toEqual(
      Object.keys(ACTORS).toSorted(),
    );
    expect(await client.getStatement(statement.id, {}, { ifNoneMatch: statement.version })).toBeNull();
  });

  test("is told what is refused, by a code that it can match on", async () => {
    const { client } = ledger;
    const unknown = await failed(client.recordStatement({ ...STATEMENTS.monday, speaker: "nobody" }));
    expect([unknown.status, unknown.code, unknown.errors[0]?.path]).toEqual([422, "unknown_actor", "speaker"]);
    const stale = await failed(client.putActor(TRUMP, { name: "Other", kind: "person" }));
    expect([stale.status, stale.code]).toEqual([428, "precondition_required"]);
    const stranger = createClient({ url: ledger.url, token: "wrong" });
    expect((await failed(stranger.getPrincipal())).code).toBe("unauthenticated");
  });

  test("finds the description and the page without a token", async () => {
    const stranger = createClient({ url: ledger.url });
    expect((await stranger.getDescription()).openapi).toBe("3.1.0");
    const page = await fetch(`${ledger.url}/docs`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("/v1/statements");
  });

  test("gets through a kill -9 and the next start, and does once what it was asked once", async () => {
    const { statement } = await ledger.client.recordStatement(STATEMENTS.assurance);
    const { url, token } = ledger;
    await ledger.kill();
    const patient = createClient({ url, token, retries: 100, pauseMs: 50 });
    const disputed = patient.disputeStatement(statement.id, { reason: "Denied" });
    ledger = await startLocalLedger(folder, { ON_RECORD_PORT: new URL(url).port });
    expect((await disputed).statement.disputed).toBe(true);
    const { events } = await ledger.client.listStatementEvents(statement.id);
    expect(events.map(({ type }) => type)).toEqual(["StatementRecorded", "StatementDisputed"]);
  }, 120_000);
});
