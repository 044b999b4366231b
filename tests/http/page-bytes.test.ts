// What Lambda hands to API Gateway is at most 6 MB, the body as a text within JSON: so many large items make no page.
import { PrincipalId, StatementId } from "@on-record/core/domain/ids";
import { StatementEvent } from "@on-record/core/domain/statement/events";
import { describe, expect, test } from "vitest";
import { storedEvent } from "../helpers/memory-ledger.ts";
import { readingApi, type ReadingApi } from "../helpers/reading-api.ts";
import { statement, type Answer } from "./api-for-tests.ts";

const LAMBDA_BYTES = 6_291_556;
/** Headers and status have their place beside the body. */
const BODY_BYTES = LAMBDA_BYTES - 10_000;

/** Two bytes in JSON, four in JSON within JSON: as wide as a character gets. */
const WIDE = '"';
const PROPOSITIONS = Array.from({ length: 20 }, (_, n) => `proposition-${n}`);

/** As large as the assessments of one request may be. */
function assessmentsOf(n = 0) {
  return PROPOSITIONS.map((proposition) => ({
    proposition,
    stance: "open",
    // After an editor's words a model's count for nothing: positions need not follow.
    basis: n === 0 ? "editor" : "model",
    condition: `${n} ${WIDE.repeat(490)}`,
    cue: WIDE.repeat(200),
  }));
}

async function largeApi(): Promise<ReadingApi> {
  const api = await readingApi();
  for (const id of PROPOSITIONS) await api.call("PUT", `/v1/propositions/${id}`, { body: { wording: id } });
  return api;
}

/** All pages that links lead to, none larger than can be answered. */
async function pagesOf(api: ReadingApi, path: string): Promise<Answer["body"][]> {
  const pages = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < 200;) {
    const { status, body, headers }: Answer = await api.get(next);
    expect([status, body.code]).toEqual([200, undefined]);
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(body)))).toBeLessThan(BODY_BYTES);
    pages.push(body);
    next = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
  }
  return pages;
}

/** Statements near their bound of 300,000 bytes, recorded one after the other. */
async function recordLarge(api: ReadingApi, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { id } = await api.say("2025-08-20T10:00:00Z", `2025-08-18T12:00:${10 + n}Z`, "open", {
      text: `${n} ${WIDE.repeat(4_900)}`,
      report: { publisher: "Wire One", url: `https://wire.example/${n}` },
      assessments: assessmentsOf(),
    });
    for (let more = 1; more < 8; more += 1) {
      await api.post(`/v1/statements/${id}/assessments`, { assessments: assessmentsOf(more) });
    }
    ids.push(id);
  }
  return ids;
}

describe("a page of large items", () => {
  test("of statements ends before it is too large to answer, and the pages lose none and repeat none", async () => {
    const api = await largeApi();
    const ids = await recordLarge(api, 14);
    await api.settle();
    for (const [sort, expected] of [
      ["recordedAt", ids],
      ["-saidAt", ids.toReversed()],
    ] as const) {
      const pages = await pagesOf(api, `/v1/statements?limit=100&sort=${sort}`);
      expect(pages.flatMap(({ statements }) => statements.map(({ id }: { id: string }) => id))).toEqual(expected);
      expect(pages.length).toBeLessThan(4);
    }
  });

  test("of a statement's events ends before it is too large to answer, and the pages make up the whole", async () => {
    const api = await largeApi();
    const { id } = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open");
    const recordedBy = PrincipalId.parse("desk");
    for (let version = 2; version <= 102; version += 1) {
      const data = { reason: "once more", text: WIDE.repeat(5_000), assessments: assessmentsOf(version) };
      const event = StatementEvent.parse({ type: "StatementCorrected", data });
      await api.streams.append(storedEvent({ statement: StatementId.parse(id), version, recordedBy, event }, 0));
    }
    await api.enter();
    const pages = await pagesOf(api, `/v1/statements/${id}/events?limit=100`);
    const versions = pages.flatMap(({ events }) => events.map(({ version }: { version: number }) => version));
    expect(versions).toEqual(Array.from({ length: 102 }, (_, index) => index + 1));
    expect(pages.length).toBeLessThan(4);
    const proofs = (await pagesOf(api, `/v1/statements/${id}/proof?limit=100`)).flatMap(({ events }) => events);
    expect(proofs.map(({ entry }: { entry: { version: number } }) => entry.version)).toEqual(versions);
  });

  test("of actors ends before it is too large to answer", async () => {
    const api = await largeApi();
    const profile = (name: string) => ({
      name,
      kind: "person",
      aliases: Array.from({ length: 50 }, (_, n) => `${n} a ${WIDE.repeat(195)}`),
      description: WIDE.repeat(2_000),
    });
    const ids = Array.from({ length: 110 }, (_, n) => `large-${String(n).padStart(3, "0")}`);
    for (const id of ids) await api.call("PUT", `/v1/actors/${id}`, { body: profile(`Large ${id}`) });
    await api.settle();
    for (const query of ["q=large", "kind=person", "q=large&kind=person"]) {
      const pages = await pagesOf(api, `/v1/actors?limit=100&${query}`);
      const found = pages.flatMap(({ actors }) => actors.map((actor: { id: string }) => actor.id));
      expect(found.filter((id: string) => id.startsWith("large-"))).toEqual(ids);
      expect(pages[0].actors.length).toBeLessThan(100);
    }
  });
});

test("A statement that has come to its bound is still shown as a whole, as is the longest of its pages of reports", async () => {
  const api = await largeApi();
  const { id } = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open", { text: WIDE.repeat(5_000) });
  let code: string | undefined;
  for (let n = 1; code === undefined && n < 100; n += 1) {
    const assessments = assessmentsOf(n);
    ({ code } = (await api.call("POST", `/v1/statements/${id}/assessments`, { body: { assessments } })).body);
  }
  expect(code).toBe("limit_reached");
  for (let n = 0; n < 3; n += 1) {
    const from = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open", {
      ...statement(),
      report: { publisher: `Outlet ${n}`, url: `https://outlet.example/${n}` },
    });
    for (let report = 0; report < 60; report += 1) {
      const url = `https://outlet.example/${n}/${report}/${"x".repeat(1_950)}`;
      const more = { publisher: WIDE.repeat(200), headline: WIDE.repeat(500), url };
      await api.post(`/v1/statements/${from.id}/reports`, more);
    }
    await api.post(`/v1/statements/${from.id}/merge`, { into: id });
  }
  await api.settle();
  const { body } = await api.get(`/v1/statements/${id}`);
  expect(body.heldReports).toHaveLength(100);
  expect(Buffer.byteLength(JSON.stringify(JSON.stringify(body)))).toBeLessThan(BODY_BYTES / 4);
});
