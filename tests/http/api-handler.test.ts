import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, test, vi } from "vitest";
import { VERIFIER_KEY } from "../helpers/log-keys.ts";
import { startScriptedService } from "../helpers/scripted-storage.ts";
import { statement } from "./api-for-tests.ts";

const TABLES = { EVENTS: "Events", LOG: "Log", VIEWS: "Views", CONTROL: "Control" };

/** The handler as a new process has it: it keeps what it made of the environment. */
async function newHandler() {
  vi.resetModules();
  return (await import("@on-record/functions/api")).handler;
}

/** The handler's answers, with an empty store behind its own client. */
async function served(handler?: Awaited<ReturnType<typeof newHandler>>) {
  const answer = handler ?? (await newHandler());
  const service = await startScriptedService(() => ({ body: {} }));
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", service.endpoint);
  for (const [name, table] of Object.entries(TABLES)) vi.stubEnv(`ON_RECORD_${name}_TABLE`, table);
  vi.stubEnv("ON_RECORD_LEDGER_KEY", Buffer.alloc(32).toString("base64url"));
  vi.stubEnv("ON_RECORD_LOG_VERIFIER_KEYS", VERIFIER_KEY);
  vi.stubEnv("ON_RECORD_TOKEN", "secret");
  const ask = async (method: string, path: string, body?: object, token = "secret") => {
    const event = {
      version: "2.0",
      rawPath: path,
      rawQueryString: "",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      requestContext: { domainName: "api.example", requestId: "r", http: { method, path } },
      isBase64Encoded: false,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    } as unknown as APIGatewayProxyEventV2;
    const { statusCode, headers = {}, body: text = "" } = await answer(event);
    const told: { code?: string; event?: { id: string }; errors?: { path: string }[] } = JSON.parse(text);
    return { status: statusCode, headers, told };
  };
  return { ask };
}

describe("the API's Lambda handler", () => {
  test("cannot start without its settings, and starts once they are there", async () => {
    vi.stubEnv("ON_RECORD_EVENTS_TABLE", "");
    const event = { rawPath: "/health", rawQueryString: "", headers: {} } as APIGatewayProxyEventV2;
    const handler = await newHandler();
    await expect(handler(event)).rejects.toThrow("ON_RECORD_EVENTS_TABLE is not set");
    const { ask } = await served(handler);
    expect((await ask("GET", "/health")).status).toBe(200);
  });

  test("records, and asks the registry first", async () => {
    const { ask } = await served();
    const { status, told } = await ask("POST", "/v1/statements", statement());
    expect([status, told.code, told.errors?.[0]?.path]).toEqual([422, "unknown_actor", "speaker"]);
    const words = await ask("POST", "/v1/statements", statement({ text: "" }));
    expect([words.status, words.told.errors?.[0]?.path]).toEqual([400, "text"]);
    expect((await ask("POST", "/v1/statements", statement(), "wrong")).status).toBe(401);
  });

  test("answers whatever else is asked for, also where statements are recorded", async () => {
    const { ask } = await served();
    const other = await ask("DELETE", "/v1/statements");
    expect([other.status, other.told.code, other.headers["allow"]]).toEqual([
      405,
      "method_not_allowed",
      "POST, GET, HEAD",
    ]);
    expect((await ask("POST", "/v1/statements/")).status).toBe(404);
    expect((await ask("POST", "/v1/statements:batch", { statements: [] })).status).toBe(400);
    expect((await ask("GET", "/v1/principal")).status).toBe(200);
  });
});
