import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PostSigner } from "@on-record/core/storage/sigv4";
import { describe, expect, test } from "vitest";

/** Of AWS's published test suite for Signature Version 4. */
const IDENTITY = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const SCOPE = { region: "us-east-1", service: "service" };
const NOW = new Date("2015-08-30T12:36:00Z");
const HOST = { host: "example.amazonaws.com" };

describe("signatures", () => {
  test.each([
    ["post-vanilla", HOST, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "post-header-key-sort",
      { ...HOST, "my-header1": "value1" },
      "",
      "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ],
    [
      "post-x-www-form-urlencoded",
      { "content-type": "application/x-www-form-urlencoded", ...HOST },
      "Param1=value1",
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ])("are those of AWS's test suite: %s", (_, headers, body, signature) => {
    const signed = new PostSigner(SCOPE).sign({ headers, body }, IDENTITY, NOW);
    expect(signed["authorization"]).toContain(`Signature=${signature}`);
    expect(signed["authorization"]).toContain("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request");
    expect(signed["x-amz-date"]).toBe("20150830T123600Z");
  });

  test("are the SDK's own for what it sends, also with a session's token", async () => {
    const signer = new PostSigner({ region: "eu-west-1", service: "dynamodb" });
    for (const session of [{}, { sessionToken: "FwoGZXIvYXdzEXAMPLE==" }, {}]) {
      const identity = { ...IDENTITY, ...session };
      const sent = await sentBySdk(identity, "Kyiv");
      const { authorization, "x-amz-date": time = "", ...headers } = sent.headers;
      const { "x-amz-security-token": _token, "content-length": _length, ...rest } = headers;
      const named = /SignedHeaders=([^,]+)/.exec(authorization ?? "")?.[1]?.split(";") ?? [];
      const toSign = Object.fromEntries(Object.entries(rest).filter(([name]) => named.includes(name)));
      const length = named.includes("content-length") ? { "content-length": headers["content-length"] ?? "" } : {};
      const now = new Date(time.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, "$1-$2-$3:$4:"));
      const signed = signer.sign({ headers: { ...toSign, ...length }, body: sent.body }, identity, now);
      expect(signed["authorization"]).toBe(authorization);
    }
  });

  test("with another secret or on another day use another key", () => {
    const signer = new PostSigner(SCOPE);
    const sign = (secretAccessKey: string, now: Date) =>
      signer.sign({ headers: HOST, body: "" }, { ...IDENTITY, secretAccessKey }, now)["authorization"];
    const first = sign("one", NOW);
    const all = [first, sign("two", NOW), sign("one", new Date("2015-08-31T12:36:00Z"))];
    expect(new Set(all).size).toBe(3);
    expect(sign("one", NOW)).toBe(first);
  });
});

interface Sent {
  headers: Record<string, string>;
  body: string;
}

/** What the SDK puts on the wire: its request handler is ours. */
async function sentBySdk(credentials: typeof IDENTITY, text: string): Promise<Sent> {
  const sent: Sent[] = [];
  const client = new DynamoDBClient({
    region: "eu-west-1",
    credentials,
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: Sent) => {
        sent.push(request);
        throw new Error("not sent");
      },
    },
  });
  const item = { pk: { S: text }, sk: { S: "Київ" } };
  await expect(client.send(new PutItemCommand({ TableName: "t", Item: item }))).rejects.toThrow("not sent");
  const [request] = sent;
  if (request === undefined) throw new Error("nothing was sent");
  return request;
}
