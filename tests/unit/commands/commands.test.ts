import { randomBytes } from "node:crypto";
import { CorrectInput, RecordStatementInput } from "@on-record/core/commands/inputs";
import { putActor, putProposition } from "@on-record/core/commands/registry-entries";
import { recordStatement } from "@on-record/core/commands/record-statement";
import { createRegistry } from "@on-record/core/commands/registry";
import type { CommandDeps } from "@on-record/core/commands/request";
import { addReport, correctStatement, disputeStatement } from "@on-record/core/commands/statement-life";
import { loadStream, PROPOSITIONS, STATEMENTS } from "@on-record/core/commands/streams";
import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId, PrincipalId, PropositionId, type StatementId } from "@on-record/core/domain/ids";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import { LedgerError } from "@on-record/core/errors";
import { LIMITS } from "@on-record/core/limits";
import { saltedDigest } from "@on-record/core/log/digest";
import type { StreamStore } from "@on-record/core/log/ports";
import { FaultyStreams, type FaultPlan } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { describe, expect, test } from "vitest";

const BY = PrincipalId.parse("editor-a");
const NOW = Date.parse("2025-08-20T12:00:00Z");
const TRUMP = ActorId.parse("donald-trump");
const actor = ActorProfile.parse({ name: "Donald Trump", kind: "person" });

function depsOn(streams: StreamStore): CommandDeps {
  const registry = createRegistry(streams);
  return { streams, registry, ledgerKey: new Uint8Array(32), clock: () => NOW, random: randomBytes };
}

const input = (more: object = {}) =>
  RecordStatementInput.parse({
    speaker: TRUMP,
    text: "We will not.",
    saidAt: "2025-08-19",
    report: { publisher: "Fox News", url: "https://fox.example/story" },
    ...more,
  });

async function withStatement(streams: StreamStore = new MemoryStreams()) {
  const deps = depsOn(streams);
  await putActor(deps, TRUMP, { principal: BY, payload: actor });
  const { state } = await recordStatement(deps, { principal: BY, payload: input() });
  return { deps, id: state.id };
}

const dispute = (deps: CommandDeps, id: StatementId, reason: string, idempotencyKey?: string) =>
  disputeStatement(deps, id, { principal: BY, idempotencyKey, payload: { reason } });

/** The code of the refusal that a promise ends in. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return error instanceof LedgerError ? error.code : String(error);
  }
}

describe("an appended event", () => {
  test("says who did it, when, in which form, and holds a digest that its salt and data give again", async () => {
    const { deps, id } = await withStatement();
    const [event] = await deps.streams.load(STATEMENTS.streamOf(id));
    expect(event).toMatchObject({
      id: `statement/${id}@1`,
      version: 1,
      type: "StatementRecorded",
      schemaVersion: 1,
      receivedAt: "2025-08-20T12:00:00.000Z",
      recordedBy: BY,
    });
    expect(Buffer.from(event?.salt ?? "", "base64url")).toHaveLength(16);
    expect(event?.digest).toBe(saltedDigest(event?.salt ?? "", event?.data));
  });

  test("never has the salt of another", async () => {
    const { deps, id } = await withStatement();
    await dispute(deps, id, "denied");
    const salts = (await deps.streams.load(STATEMENTS.streamOf(id))).map(({ salt }) => salt);
    expect(new Set(salts).size).toBe(2);
  });
});

describe("racing commands on one stream", () => {
  test("that differ all find their place, one behind the other", async () => {
    const { deps, id } = await withStatement();
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, n) => dispute(deps, id, `reason ${n}`)));
    expect(outcomes.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { state, version } of outcomes) expect(state.disputes.at(-1)?.version).toBe(version);
  });

  test("that are one request under one key leave one event", async () => {
    const { deps, id } = await withStatement();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => dispute(deps, id, "denied", "k")));
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(outcomes.map(({ event }) => event?.id)).size).toBe(1);
    expect(await deps.streams.load(STATEMENTS.streamOf(id))).toHaveLength(2);
  });

  test("decide again on what the winner left: the second of two equal reports changes nothing", async () => {
    const { deps, id } = await withStatement();
    const payload = { publisher: "AP", url: "https://ap.example/story" };
    const outcomes = await Promise.all([1, 2].map(() => addReport(deps, id, { principal: BY, payload })));
    expect(outcomes.filter(({ unchanged }) => unchanged)).toHaveLength(1);
  });

  test("give up after a bounded number of tries", async () => {
    const inner = new MemoryStreams();
    const { id } = await withStatement(inner);
    let appends = 0;
    const contended: StreamStore = {
      load: (stream, from) => inner.load(stream, from),
      envelopes: (stream, from) => inner.envelopes(stream, from),
      read: (ids) => inner.read(ids),
      scan: () => inner.scan(),
      append: async () => {
        appends += 1;
        throw new LedgerError("version_conflict", "another was faster");
      },
    };
    expect(await codeOf(dispute(depsOn(contended), id, "denied"))).toBe("version_conflict");
    expect(appends).toBe(LIMITS.appendAttemptsCount);
  });
});

describe("a stream", () => {
  test("takes no more events than one read may bring, but still says so to a repeat", async () => {
    const { deps, id } = await withStatement();
    for (let n = 2; n <= LIMITS.streamEventsCount; n += 1) {
      const stream = STATEMENTS.streamOf(id);
      const [first] = await deps.streams.load(stream);
      if (first === undefined) throw new Error("there is a first event");
      const data = { reason: "denied again" };
      const name = `${stream}@${n}` as typeof first.id;
      await deps.streams.append({
        ...first,
        id: name,
        version: n,
        type: "StatementDisputed",
        data,
        requestId: `r${n}`,
      });
    }
    expect(await codeOf(dispute(deps, id, "once more"))).toBe("limit_reached");
    expect((await dispute(deps, id, "denied again")).unchanged).toBe(true);
  }, 20_000);

  test("begins far below what a row can hold: nothing that can be recorded need be refused for its size", async () => {
    const deps = depsOn(new MemoryStreams());
    await putActor(deps, TRUMP, { principal: BY, payload: actor });
    const slugs = Array.from({ length: LIMITS.assessmentsPerRequestCount }, (_, n) =>
      `p${n}`.padEnd(LIMITS.idChars, "x"),
    );
    const wording = PropositionProfile.parse({ wording: "It happens" });
    for (const slug of slugs) {
      await putProposition(deps, PropositionId.parse(slug), { principal: BY, payload: wording });
    }
    // No character takes more bytes a UTF-16 unit.
    const full = (chars: number) => "字".repeat(chars);
    const { state } = await recordStatement(deps, {
      principal: BY,
      payload: input({
        onBehalfOf: TRUMP,
        text: full(LIMITS.textChars),
        language: "en-Latn-US",
        report: {
          publisher: full(LIMITS.publisherChars),
          url: `https://x.example/${full(LIMITS.urlChars - 18)}`,
          publishedAt: "2025-08-19T12:00:00.000000000-04:00",
          headline: full(LIMITS.headlineChars),
          contentHash: `sha256:${"0".repeat(64)}`,
        },
        assessments: slugs.map((proposition) => ({
          proposition,
          stance: "leaning_against",
          condition: full(LIMITS.conditionChars),
          cue: full(LIMITS.cueChars),
          evidence: { start: 1_000, end: LIMITS.textChars },
          confidence: 0.123_456_789_012_345_6,
        })),
      }),
    });
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(LIMITS.stateBytes / 2);
  });

  test("comes to no more than a row can hold", async () => {
    const { deps, id } = await withStatement();
    const disputes = Array.from({ length: 280 }, (_, n) => `${n} ${"é".repeat(990)}`);
    let refusal = "none";
    for (const reason of disputes) {
      refusal = await codeOf(dispute(deps, id, reason));
      if (refusal !== "none") break;
    }
    expect(refusal).toBe("limit_reached");
    const { state } = await loadStream(deps.streams, STATEMENTS, id);
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThanOrEqual(LIMITS.stateBytes);
  }, 20_000);
});

describe("the registry", () => {
  test("asks once for what it found, and again for what it did not find", async () => {
    const inner = new MemoryStreams();
    const asked: number[] = [];
    const plan: FaultPlan<keyof StreamStore> = ({ method, nth }) => {
      if (method === "read") asked.push(nth);
      return undefined;
    };
    const deps = depsOn(new FaultyStreams(inner, plan));
    const record = () => recordStatement(deps, { principal: BY, payload: input() });
    expect(await codeOf(record())).toBe("unknown_actor");
    await putActor(deps, TRUMP, { principal: BY, payload: actor });
    await record();
    await record();
    expect(asked).toEqual([1, 2]);
  });

  test("is not asked for a command that changes nothing or is refused anyway", async () => {
    const { deps, id } = await withStatement();
    const unreachable: CommandDeps = {
      ...deps,
      registry: { ...deps.registry, demand: async () => Promise.reject(new Error("nobody should ask")) },
    };
    const payload = CorrectInput.parse({ reason: "same", text: "We will not.", speaker: TRUMP });
    expect((await correctStatement(unreachable, id, { principal: BY, payload })).unchanged).toBe(true);
    const future = CorrectInput.parse({ reason: "late", saidAt: "2031-01-01", speaker: "nobody" });
    expect(await codeOf(correctStatement(unreachable, id, { principal: BY, payload: future }))).toBe("said_in_future");
  });
});

describe("broader propositions", () => {
  const put = (deps: CommandDeps, id: string, broader: string[], expected?: "any") =>
    putProposition(deps, PropositionId.parse(id), {
      principal: BY,
      expected,
      payload: PropositionProfile.parse({ wording: "Something is so", broader }),
    });

  test("are walked to an end even where two writers have closed a circle", async () => {
    const deps = depsOn(new MemoryStreams());
    for (const id of ["a", "b", "c"]) await put(deps, id, []);
    // As if both had been accepted at the same moment.
    const outcomes = await Promise.allSettled([put(deps, "a", ["b"], "any"), put(deps, "b", ["a"], "any")]);
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    await put(deps, "c", ["a"], "any");
    const { state } = await loadStream(deps.streams, PROPOSITIONS, PropositionId.parse("c"));
    expect(state?.broader).toEqual(["a"]);
  });

  test("are no more than a walk can bear", async () => {
    const deps = depsOn(new MemoryStreams());
    const ids = Array.from({ length: LIMITS.broaderCount * 10 + 2 }, (_, n) => `p${n}`);
    await put(deps, "p0", []);
    let refusal = "none";
    for (const [index, id] of ids.entries()) {
      if (index === 0 || refusal !== "none") continue;
      refusal = await codeOf(put(deps, id, [`p${index - 1}`]));
    }
    expect(refusal).toBe("limit_reached");
  }, 20_000);
});
