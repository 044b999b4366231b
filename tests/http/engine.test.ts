import type { APIGatewayProxyEventV2, DynamoDBStreamEvent } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startTestEngine, type TestEngine } from "../helpers/engine-for-tests.ts";
import { LEDGER_KEY, statement, TOKEN, TROOPS } from "./api-for-tests.ts";
import { SIGNER_KEY, VERIFIER_KEY } from "../helpers/log-keys.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  for (const name of ["Events", "Log", "Views", "Control"]) await engine.createTable(name);
});
afterAll(() => engine.stop());

beforeEach(() => {
  vi.stubEnv("ON_RECORD_EVENTS_TABLE", "Events");
  vi.stubEnv("ON_RECORD_LOG_TABLE", "Log");
  vi.stubEnv("ON_RECORD_VIEWS_TABLE", "Views");
  vi.stubEnv("ON_RECORD_CONTROL_TABLE", "Control");
  vi.stubEnv("ON_RECORD_BUS", "on-record");
  vi.stubEnv("ON_RECORD_LEDGER_KEY", Buffer.from(LEDGER_KEY).toString("base64url"));
  vi.stubEnv("ON_RECORD_LOG_SIGNING_KEYS", SIGNER_KEY);
  vi.stubEnv("ON_RECORD_LOG_VERIFIER_KEYS", VERIFIER_KEY);
  vi.stubEnv("ON_RECORD_TOKEN", TOKEN);
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint);
  // No bus: port 9 is "discard", and nobody listens.
  vi.stubEnv("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:9");
});

async function call(method: string, path: string, body?: object, key?: string, token = TOKEN) {
  const { handler } = await import("@on-record/functions/api");
  const [rawPath = path, rawQueryString = ""] = path.split("?");
  const event: APIGatewayProxyEventV2 = {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...(key !== undefined && { "idempotency-key": key }),
    },
    requestContext: { domainName: "api.example", http: { method, path } } as APIGatewayProxyEventV2["requestContext"],
    isBase64Encoded: false,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  const answer = await handler(event);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "null") };
}

describe("the exported handlers on a real engine", () => {
  test("record once what is posted twenty times at once, and replay it", async () => {
    await call("PUT", "/v1/actors/donald-trump", { name: "Donald Trump", kind: "person" });
    await call("PUT", `/v1/propositions/${TROOPS}`, { wording: "The United States deploys ground troops in Ukraine" });
    const post = () => call("POST", "/v1/statements", statement(), "k1");
    const answers = await Promise.all(Array.from({ length: 20 }, post));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    const again = await post();
    expect([again.status, again.body.replayed]).toEqual([200, true]);
    const path = `/v1/statements/${again.body.statement.id}`;
    expect((await call("GET", path)).body.statement).toEqual(again.body.statement);

    const racing = Array.from({ length: 4 }, (_, n) => call("POST", `${path}/disputes`, { reason: `reason ${n}` }));
    expect((await Promise.all(racing)).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await call("GET", `${path}/events`)).body.events).toHaveLength(5);
  });

  test("bring events into the log though the bus is down, and ask for the batch again", async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const { handler } = await import("@on-record/functions/sequence");
    const Keys = { pk: { S: "actor/donald-trump" }, sk: { S: "000001" } };
    const event: DynamoDBStreamEvent = { Records: [{ eventName: "INSERT", dynamodb: { SequenceNumber: "7", Keys } }] };
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: "7" }] });
    const { body } = await call("GET", "/v1/log");
    expect(body.entries).toMatchObject([{ sequence: 0, id: "actor/donald-trump@1" }]);
  });

  test("let in a stored token until it is rotated out or revoked", async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const made = await call("POST", "/v1/tokens", { principal: "desk", scopes: ["read"], expiresInSeconds: 600 });
    expect(made.status).toBe(201);
    const path = `/v1/tokens/${made.body.token.id}`;
    const reading = async (token: string) => (await call("GET", "/v1/log", undefined, undefined, token)).status;
    expect(await reading(made.body.value)).toBe(200);
    expect((await call("PUT", "/v1/actors/x", {}, undefined, made.body.value)).status).toBe(403);
    const next = await call("POST", `${path}/rotation`, { overlapSeconds: 0 });
    expect([await reading(made.body.value), await reading(next.body.value)]).toEqual([401, 200]);
    const revoked = await call("DELETE", `/v1/tokens/${next.body.token.id}`);
    expect([revoked.status, revoked.body.token.status]).toEqual([200, "revoked"]);
    expect(await reading(next.body.value)).toBe(401);
    expect((await call("GET", "/v1/tokens")).body.tokens).toHaveLength(2);
  });

  test("recover what no record of the stream announced", async () => {
    const { handler } = await import("@on-record/functions/recover");
    await expect(handler()).rejects.toMatchObject({ code: "store_unavailable" });
    const { body } = await call("GET", "/v1/log");
    expect(body.size).toBe(7);
  });

  test("record a batch of a hundred, sent five times at once, once each; a dry run of it leaves nothing", async () => {
    const statements = Array.from({ length: 100 }, (_, n) => statement({ text: `We will not, said ${n}.` }));
    const dry = await call("POST", "/v1/statements:batch?dryRun=true", { statements }, "b1");
    expect([dry.status, dry.body.counts]).toEqual([200, { recorded: 100, replayed: 0, refused: 0 }]);
    const post = () => call("POST", "/v1/statements:batch", { statements }, "b1");
    const answers = await Promise.all(Array.from({ length: 5 }, post));
    const counts = answers.map(({ body }) => body.counts);
    expect(counts.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(100);
    expect(counts.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(400);
    expect(dry.body.results[7].wouldRecord.id).toBe(answers[0]?.body.results[7].event.id);
  }, 30_000);
});
