import { createApp } from "@on-record/functions/api/app";
import { answerGateway } from "@on-record/functions/http/gateway";
import { createAccess } from "@on-record/core/access/principals";
import { randomBytes } from "node:crypto";
const NO = async () => null as never;
const streams = { append: async () => {}, load: async () => [], read: async (ids: string[]) => ids.map(() => ({}) as never), envelopes: NO, scan: NO };
const views = { query: async () => [], get: NO, checkpoint: async () => ({ next: 0, recordedAt: null }), put: NO, advance: NO };
const tokens = { find: NO } as never;
const app = createApp({ streams, log: {} as never, views, ledgerKey: Buffer.alloc(32, 1), access: createAccess({ adminToken: "tok", tokens, clock: Date.now }), tokens, publicRead: false, corsOrigins: [], clock: Date.now, random: randomBytes, sleep: NO, similar: async () => [], logger: { info() {}, warn: console.log, error: console.log } } as never);
const body = (n: number) => ({ speaker: "donald-trump", text: "We will not place ground troops in Ukraine. You have my assurance, " + n, saidAt: new Date(1.7e12 + n * 1e6).toISOString(),
  report: { publisher: "Fox News", url: "https://fox.example/story/" + n }, assessments: [{ proposition: "us-troops", stance: "ruled_out", evidence: { start: 3, end: 11 }, cue: "will not" }] });
async function call(n: number) {
  const a = await answerGateway(app as never, { version: "2.0", routeKey: "$default", rawPath: "/v1/statements", rawQueryString: "", headers: { authorization: "Bearer tok", "content-type": "application/json", "idempotency-key": "k" + n },
    requestContext: { domainName: "x.example", http: { method: "POST", path: "/v1/statements" } } as never, isBase64Encoded: false, body: JSON.stringify(body(n)) });
  if ((a.statusCode ?? 0) >= 300) throw new Error(a.body);
}
for (let r = 0; r < 6; r++) { const c = process.cpuUsage(); const N = 5000; for (let i = 0; i < N; i += 16) await Promise.all(Array.from({ length: 16 }, (_, k) => call(r * N + i + k))); const d = process.cpuUsage(c); console.log(((d.user + d.system) / 1000 / N).toFixed(3), "ms cpu"); }
