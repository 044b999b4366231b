import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { APIGatewayProxyEventV2, DynamoDBStreamEvent } from "aws-lambda";
import * as fc from "fast-check";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { FaultyLog } from "@on-record/core/storage/faulty";
import { answerGateway } from "@on-record/functions/http/gateway";
import { flawOfStrings, flawOfText } from "@on-record/functions/http/json-text";
import { createLogger } from "@on-record/functions/http/logger";
import { sequenceBatch } from "@on-record/functions/sequencing/sequence-batch";
import { withSettings } from "@on-record/functions/settings";
import { describe, expect, test, vi } from "vitest";
import { LEDGER_KEY, NOW, seed, statement, stored, testApi, TOKEN } from "./api-for-tests.ts";
import { sign, SIGNER_KEY, VERIFIER_KEY } from "../helpers/log-keys.ts";

function gatewayEvent(
  method: string,
  path: string,
  more: Partial<APIGatewayProxyEventV2> = {},
): APIGatewayProxyEventV2 {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    requestContext: { domainName: "api.example", http: { method, path } } as APIGatewayProxyEventV2["requestContext"],
    isBase64Encoded: false,
    ...more,
  };
}

describe("the API behind API Gateway", () => {
  test("takes bodies as text and as base64, whatever length their headers claim", async () => {
    const api = testApi();
    await seed(api);
    const body = JSON.stringify(statement({ text: "Ни за что. 🙅", assessments: [] }));
    const headers = { ...gatewayEvent("GET", "/").headers, "content-length": "3" };
    const first = await answerGateway(api.app, gatewayEvent("POST", "/v1/statements", { headers, body }));
    expect([first.statusCode, first.headers?.["content-type"]]).toEqual([201, "application/json"]);
    const encoded = { body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
    const second = await answerGateway(api.app, gatewayEvent("POST", "/v1/statements", encoded));
    expect(second.statusCode).toBe(200);
    expect(JSON.parse(second.body ?? "").statement.text).toBe("Ни за что. 🙅");
  });

  test("passes the query on, and overlooks the body of a GET", async () => {
    const { app } = testApi();
    const asked = await answerGateway(app, gatewayEvent("GET", "/v1/log", { rawQueryString: "limit=0", body: "{}" }));
    expect([asked.statusCode, JSON.parse(asked.body ?? "").errors[0].path]).toEqual([400, "limit"]);
  });

  test("refuses what is no HTTP request with problem details", async () => {
    const { app } = testApi();
    for (const event of [
      gatewayEvent("TRACE", "/health"),
      gatewayEvent("GET", "/health", { headers: { "a b": "c" } }),
    ]) {
      event.requestContext.requestId = "of-the-gateway";
      const { statusCode, headers, body } = await answerGateway(app, event);
      expect([statusCode, headers?.["x-request-id"]]).toEqual([400, "of-the-gateway"]);
      expect(JSON.parse(body ?? "")).toMatchObject({ code: "invalid_request", requestId: "of-the-gateway" });
    }
    const foreign = gatewayEvent("GET", "/health", { headers: { "x-name": "Зеленський" } });
    expect((await answerGateway(app, foreign)).statusCode).toBe(200);
  });

  test("hands a header on as the bytes that it was: a key beyond ASCII is not taken for its escaped form", async () => {
    const { app } = testApi();
    for (const key of ["clé", "ключ", "cl\ud800"]) {
      const headers = { ...gatewayEvent("GET", "/").headers, "idempotency-key": key };
      const body = JSON.stringify({ name: "A", kind: "person" });
      const { statusCode, body: told } = await answerGateway(
        app,
        gatewayEvent("PUT", "/v1/actors/a", { headers, body }),
      );
      expect([statusCode, JSON.parse(told ?? "").errors[0].path]).toEqual([400, "Idempotency-Key"]);
    }
  });

  test("takes the whole path for the path, whatever signs are in it", async () => {
    const api = testApi();
    await seed(api);
    for (const rawPath of ["/v1/actors/donald-trump#x", "/v1/actors/donald-trump?x"]) {
      expect((await answerGateway(api.app, gatewayEvent("GET", rawPath))).statusCode).toBe(404);
    }
    const asked = gatewayEvent("GET", "/v1/log", { rawQueryString: "limit=1#0" });
    expect((await answerGateway(api.app, asked)).statusCode).toBe(400);
  });

  test("hands bytes that are no text over as they are", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const fetch = () => new Response(bytes, { headers: { "content-type": "application/octet-stream" } });
    const { body = "", isBase64Encoded } = await answerGateway({ fetch }, gatewayEvent("GET", "/v1/log/tile/0/000"));
    expect([isBase64Encoded, [...Buffer.from(body, "base64")]]).toEqual([true, [...bytes]]);
  });

  test("does not put a fault of its own on the caller", async () => {
    const { app } = testApi();
    const event = { ...gatewayEvent("POST", "/v1/statements"), body: { no: "text" } } as unknown;
    await expect(answerGateway(app, event as APIGatewayProxyEventV2)).rejects.toThrow(TypeError);
  });
});

describe("the stream of the Events table", () => {
  const recordsOf = async (streams: MemoryStreams) =>
    (await stored(streams)).map(({ stream, version }, index) => ({
      eventName: "INSERT" as const,
      dynamodb: {
        SequenceNumber: String(index + 100),
        Keys: { pk: { S: stream }, sk: { S: String(version).padStart(6, "0") } },
      },
    }));

  async function recorded() {
    const streams = new MemoryStreams();
    await seed(testApi({ streams }));
    const lines: string[] = [];
    const deps = { streams, log: new MemoryLog(), bus: new MemoryBus(), sign, clock: () => NOW, sleep: async () => {} };
    return { deps, logger: createLogger((line) => lines.push(line)), lines, Records: await recordsOf(streams) };
  }

  test("fills the log and the bus", async () => {
    const { deps, logger, Records } = await recorded();
    expect(await sequenceBatch(deps, logger, { Records })).toEqual({ batchItemFailures: [] });
    expect((await deps.log.head()).size).toBe(3);
    expect(deps.bus.accepted).toHaveLength(3);
  });

  test("comes again as a whole when the sequencer fails, so that nothing is skipped", async () => {
    const { deps, logger, lines, Records } = await recorded();
    const log = new FaultyLog(deps.log, () => ({ fail: "before" }));
    const answer = await sequenceBatch({ ...deps, log }, logger, { Records });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "100" }] });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "error", records: 3 });
    const unnamed: DynamoDBStreamEvent = { Records: [{ dynamodb: {} }] };
    await expect(sequenceBatch({ ...deps, log }, logger, unnamed)).rejects.toThrow();
  });

  test("is not stopped by a record that names no event, which is reported", async () => {
    const { deps, logger, lines, Records } = await recorded();
    const batch = { Records: [{ dynamodb: { SequenceNumber: "1" } }, ...Records] };
    expect(await sequenceBatch(deps, logger, batch)).toEqual({ batchItemFailures: [] });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "error", count: 1 });
    expect((await deps.log.head()).size).toBe(3);
  });
});

describe("settings", () => {
  const read = (environment: Record<string, string>) =>
    withSettings(environment, ({ text, key }) => ({
      table: text("ON_RECORD_EVENTS_TABLE"),
      token: text("ON_RECORD_TOKEN"),
      key: key("ON_RECORD_LEDGER_KEY"),
    }));
  const key = Buffer.from(LEDGER_KEY).toString("base64url");

  test("are read as they are set", () => {
    const settings = read({ ON_RECORD_EVENTS_TABLE: "Events", ON_RECORD_TOKEN: "secret", ON_RECORD_LEDGER_KEY: key });
    expect(settings).toMatchObject({ table: "Events", token: "secret" });
    expect([...settings.key]).toEqual([...LEDGER_KEY]);
  });

  test("that are missing or malformed are all named at once, without their values", () => {
    const set = { ON_RECORD_EVENTS_TABLE: "", ON_RECORD_TOKEN: "two words", ON_RECORD_LEDGER_KEY: "c2hvcnQ" };
    expect(() => read(set)).toThrow(
      "On Record cannot start: ON_RECORD_EVENTS_TABLE is not set; ON_RECORD_TOKEN must be 1 to 512 visible ASCII " +
        "characters; ON_RECORD_LEDGER_KEY must be base64url of 32 bytes or more.",
    );
    expect(() => read(set)).not.toThrow(/two words|c2hvcnQ/);
  });

  test("are read at the first call, not at import, and again after a failure", async () => {
    for (const name of ["api", "sequence", "recover"] as const) {
      const { handler } = (await import(`@on-record/functions/${name}`)) as {
        handler: (event: object) => Promise<unknown>;
      };
      await expect(handler({ Records: [] })).rejects.toThrow(/ON_RECORD_EVENTS_TABLE is not set/);
      await expect(handler({ Records: [] })).rejects.toThrow(/ON_RECORD_LOG_TABLE is not set/);
    }
  });

  test.each(["down", "silent"])("lead to an API that says within three seconds that its store is %s", async (state) => {
    // Port 9 is "discard", and nobody listens. The other accepts connections and never says a word.
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const port = state === "down" ? 9 : (silent.address() as AddressInfo).port;
    vi.resetModules();
    vi.stubEnv("ON_RECORD_EVENTS_TABLE", "Events");
    vi.stubEnv("ON_RECORD_LOG_TABLE", "Log");
    vi.stubEnv("ON_RECORD_VIEWS_TABLE", "Views");
    vi.stubEnv("ON_RECORD_CONTROL_TABLE", "Control");
    vi.stubEnv("ON_RECORD_LEDGER_KEY", key);
    vi.stubEnv("ON_RECORD_LOG_SIGNING_KEYS", SIGNER_KEY);
    vi.stubEnv("ON_RECORD_LOG_VERIFIER_KEYS", VERIFIER_KEY);
    vi.stubEnv("ON_RECORD_TOKEN", TOKEN);
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://127.0.0.1:${port}`);
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const { handler } = await import("@on-record/functions/api");
    const startedAt = performance.now();
    const { statusCode, body } = await handler(gatewayEvent("GET", "/v1/actors/donald-trump"));
    expect([statusCode, JSON.parse(body ?? "").code]).toEqual([503, "store_unavailable"]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    silent.close();
  });
});

describe("JSON text", () => {
  test("of any value that JSON can write has no flaw, and its strings are kept", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        // A generator of JSON may use a key twice; writing the parsed value again cannot.
        const value: unknown = JSON.parse(text);
        expect(flawOfText(JSON.stringify(value, null, 2))).toBeNull();
        expect(flawOfText(JSON.stringify(value))).toBeNull();
      }),
    );
  });

  test("with a key given twice in one object, however deep and however written, is found", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 8 }), fc.json(), fc.nat({ max: 8 }), (key, value, depth) => {
        const units = Array.from({ length: key.length }, (_, at) => key.charCodeAt(at).toString(16).padStart(4, "0"));
        const disguised = `"${units.map((unit) => String.raw`\u` + unit).join("")}"`;
        const doubled = `{${JSON.stringify(key)} : 1, "other\\"": ${JSON.stringify("}{\\")},${disguised}:2}`;
        const text = `${"[".repeat(depth)}${doubled}${"]".repeat(depth)}`;
        JSON.parse(text);
        expect(flawOfText(text)?.message).toBe("is given twice");
        expect(flawOfStrings(value, JSON.parse(value))).toSatisfy((flaw) => flaw === null || value.includes("\\u"));
      }),
    );
  });
});
