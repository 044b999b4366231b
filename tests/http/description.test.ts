import { routesOf } from "@on-record/functions/api/app";
import { createDescription } from "@on-record/functions/api/describe-app";
import { CODES, memberNamesOf, statusOfCode } from "@on-record/functions/api/answers/problem";
import { createDocument } from "@on-record/functions/api/description/document";
import { OPERATIONS } from "@on-record/functions/api/description/operations";
import { STYLE } from "@on-record/functions/api/description/page/style";
import { CATALOGUE } from "@on-record/functions/http/catalogue";
import { Validator } from "@seriousme/openapi-schema-validator";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { undocumented } from "../helpers/documented.ts";
import {
  documentedPath,
  exampleLedger,
  exampleNamed,
  exampleNames,
  operationsIn,
  requestOf,
} from "../helpers/example-ledger.ts";
import { testApi } from "./api-for-tests.ts";

const document = createDocument();
/** What is said of every route, whatever its types. */
const ROUTES = Object.entries(OPERATIONS) as [string, (typeof OPERATIONS)["recordStatement"]][];

function description(overrides: { corsOrigins?: string[] } = {}) {
  return createDescription({ ...testApi().deps, ...overrides });
}

describe("the description", () => {
  test("is OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
    expect([valid, errors]).toEqual([true, undefined]);
    expect(validator.version).toBe("3.1");
  });

  test("has every route that there is, with its scope, and no other", () => {
    const routes = routesOf(testApi().deps).map((route) => [documentedPath(route), route.scope] as const);
    const described = Object.values(OPERATIONS)
      .filter(({ path }) => path !== "/openapi.json")
      .map((operation) => [documentedPath(operation), operation.scope] as const);
    expect(new Map(described)).toEqual(new Map(routes));
    expect(described).toHaveLength(routes.length);
    expect(operationsIn(document).toSorted()).toEqual(Object.values(OPERATIONS).map(documentedPath).toSorted());
  });

  test("is served without a token, and the same in every answer", async () => {
    const app = description();
    const response = await app.request("/openapi.json");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test("has an example on every route", () => {
    expect(ROUTES.filter(([, { examples }]) => Object.keys(examples).length === 0)).toEqual([]);
  });

  test("closes every object of an answer", () => {
    const open: string[] = [];
    const walk = (value: unknown, place: string): void => {
      if (typeof value !== "object" || value === null) return;
      if ("properties" in value && "type" in value && !("additionalProperties" in value)) open.push(place);
      for (const [key, inner] of Object.entries(value)) if (key !== "examples") walk(inner, `${place}/${key}`);
    };
    walk(document.components.schemas, "");
    expect(open).toEqual([]);
  });

  test.each(ROUTES.filter(([, { query }]) => query !== undefined).map(([name]) => name))(
    "has every query parameter that %s takes, and those alone are taken",
    async (name) => {
      const first = exampleNames().find((each) => each.startsWith(`${name}.`)) ?? "";
      const { operation, example } = exampleNamed(first);
      const { call } = testApi();
      const path = operation.path.replaceAll(
        /:(id|proposition|report)\b/g,
        (_, part: string) => example.params?.[part] ?? "x",
      );
      const { status, body } = await call(operation.method, `${path}?surprise=1`, {
        ...(operation.body && { body: example.body }),
      });
      expect([status, body.errors]).toEqual([400, [{ path: "surprise", message: "is not a known field" }]]);
    },
  );
});

describe("each example", () => {
  test.each(exampleNames())("%s is answered as it says, and as documented", async (name) => {
    const { operation, example } = exampleNamed(name);
    const received = await exampleLedger().play(name);
    expect(received.status, received.text).toBe(example.status);
    expect(undocumented(operation.method, requestOf(operation, example).path, received)).toBeNull();
  });

  test("is shown with the answer that it gets", async () => {
    const answers: Record<string, unknown> = {};
    for (const name of exampleNames().filter((name) => name !== "getDescription.whole")) {
      const { text } = await exampleLedger().play(name);
      if (text !== "") answers[name] = JSON.parse(text);
    }
    // `npx vitest run tests/http/description.test.ts -u` writes the file anew.
    const file = "../../packages/functions/src/api/description/recorded.json";
    await expect(`${JSON.stringify(answers, null, 2)}\n`).toMatchFileSnapshot(file);
  }, 60_000);
});

describe("the reference page", () => {
  const page = async () => (await description().request("/docs")).text();

  test("is one document without scripts, whose one style the policy names", async () => {
    const response = await description().request("/docs");
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const digest = createHash("sha256").update(STYLE).digest("base64");
    expect(response.headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text.match(/<style>/g)).toHaveLength(1);
    expect(text).toContain(`<style>${STYLE}</style>`);
    expect(text).not.toMatch(/<script|<link|<img|<iframe| style=| on\w+=|javascript:|https?:\/\/(?!\w+\.example)/);
  });

  test("shows every route, every schema and every code, and no link of it leads nowhere", async () => {
    const text = await page();
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [name] of ROUTES) expect(ids).toContain(name);
    for (const code of Object.keys(CATALOGUE)) expect(ids).toContain(`error-${code}`);
    for (const name of Object.keys(document.components.schemas)) expect(ids).toContain(`schema-${name}`);
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(text).toContain("$URL/v1/statements");
  });

  test("escapes what it shows", async () => {
    const text = await page();
    expect(text).toContain("no ground troops");
    expect(text).toContain("&quot;speaker&quot;:&quot;donald-trump&quot;");
    // A shell reads the examples: a quotation mark inside one is closed, escaped and opened again.
    expect(text.replaceAll(/<[^>]*>/g, "")).not.toMatch(/[<>]/);
  });

  test("refuses other methods and other paths as the API does", async () => {
    const app = description();
    const post = await app.request("/docs", { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await (await app.request("/docs/other")).json()).toMatchObject({ status: 404, code: "route_not_found" });
    expect((await app.request("/docs", { method: "HEAD" })).status).toBe(200);
  });

  test("may be read by pages of the configured origins", async () => {
    const headers = { origin: "https://desk.example" };
    const answer = (corsOrigins: string[]) => description({ corsOrigins }).request("/openapi.json", { headers });
    expect((await answer([])).headers.get("access-control-allow-origin")).toBeNull();
    expect((await answer(["https://desk.example"])).headers.get("access-control-allow-origin")).toBe(headers.origin);
  });
});

test("every refusal has a status, a meaning and a remedy, in docs/errors.md as well", async () => {
  await expect(errorsPage()).toMatchFileSnapshot("../../docs/errors.md");
});

/** The catalogue as a page of the documents. */
function errorsPage(): string {
  const codes = [...CODES].toSorted((a, b) => statusOfCode(a) - statusOfCode(b));
  const rows = codes.map((code) => {
    const { meaning, remedy } = CATALOGUE[code];
    const members = memberNamesOf(code).map((name) => `\`${name}\``);
    const more = members.length === 0 ? "" : ` Members: ${members.join(", ")}.`;
    return `| ${statusOfCode(code)} | \`${code}\` | ${meaning}${more} | ${remedy} |`;
  });
  return `# Errors\n\nMade from \`packages/functions/src/http/catalogue.ts\`, by a test; \`npx vitest run tests/http/description.test.ts -u\` writes it anew. [What a problem document looks like](api.md#errors).\n\n| status | code | meaning | remedy |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}
