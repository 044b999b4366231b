import { routesOf } from "@on-record/functions/api/app";
import { createDescription } from "@on-record/functions/api/describe-app";
import { CODES, memberNamesOf, statusOfCode } from "@on-record/functions/api/answers/problem";
import { createDocument } from "@on-record/functions/api/description/document";
import { OPERATIONS } from "@on-record/functions/api/description/operations";
import { markup, prose } from "@on-record/functions/api/description/page/html";
import { curlOf } from "@on-record/functions/api/description/page/curl";
import { STYLE } from "@on-record/functions/api/description/page/style";
import { CATALOGUE } from "@on-record/functions/http/catalogue";
import { Validator } from "@seriousme/openapi-schema-validator";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { undocumented } from "../helpers/documented.ts";
import {
  documentedAs,
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
      const { text, headers } = await exampleLedger().play(name);
      const type = headers.get("content-type") ?? "";
      if (type.startsWith("text/")) answers[name] = text;
      else if (type.endsWith("json")) answers[name] = JSON.parse(text);
    }
    // `npx vitest run tests/http/description.test.ts -u` writes the file anew.
    const file = "../../packages/functions/src/api/description/recorded.json";
    await expect(`${JSON.stringify(answers, null, 2)}\n`).toMatchFileSnapshot(file);
  }, 60_000);
});

describe("a body", () => {
  const withBody = exampleNames().filter((name) => exampleNamed(name).example.body !== undefined);

  test.each(withBody)(
    "as in %s is refused without any field that is documented as required, and with one that is not documented",
    async (name) => {
      const { operation, example } = exampleNamed(name);
      const { path, method } = documentedAs(operation);
      const shown = document.paths[path]?.[method]?.requestBody?.content["application/json"]?.schema;
      const component = document.components.schemas[shown?.$ref?.split("/").at(-1) ?? ""];
      const forms = component?.oneOf ?? [component];
      const form = forms.find((each) => each?.required?.every((field) => field in (example.body as object)));
      const ledger = exampleLedger();
      await ledger.prepare(name);
      const refused = async (body: object) => {
        const { status, text } = await ledger.send(operation, { ...example, headers: {}, body });
        return [status, JSON.parse(text).errors?.[0]?.path];
      };
      for (const field of form?.required ?? []) {
        const { [field]: _left, ...rest } = example.body as Record<string, unknown>;
        expect(await refused(rest)).toEqual([400, field]);
      }
      expect(await refused({ ...(example.body as object), surprise: 1 })).toEqual([400, "surprise"]);
    },
  );
});

describe("an answer that is not as documented", () => {
  const headers = new Headers({ "content-type": "application/json", "x-request-id": "r" });
  const problem = new Headers({ "content-type": "application/problem+json", "x-request-id": "r" });
  const health = { status: "ok", store: "ok" };
  const told = (status: number, body: unknown, path = "/health", more = headers) =>
    undocumented("GET", path, { status, headers: more, text: JSON.stringify(body) });
  const unknown = { type: "t", code: "unknown_actor", title: "Unknown actor", status: 422, requestId: "r" };

  test.each([
    ["is as documented", told(200, health), null],
    ["has a field too many", told(200, { ...health, version: 1 }), /additional properties/],
    ["lacks a field", told(200, { status: "ok" }), /required property 'store'/],
    ["has another status", told(202, health), /the status 202, which is not documented/],
    [
      "lacks a header",
      told(200, health, "/health", new Headers({ "content-type": "application/json" })),
      /X-Request-Id/,
    ],
    ["has another type", told(200, health, "/health", new Headers({ "x-request-id": "r" })), /type/],
    ["comes from another route", told(200, health, "/v1/other"), /no documented route/],
    ["is a problem that is not catalogued", told(422, { ...unknown, code: "odd" }, "/v1/log", problem), /catalogued/],
    ["is a problem of another status", told(404, unknown, "/v1/log", problem), /status 404/],
    ["is a problem that this route has not", told(422, unknown, "/v1/log", problem), /equal to one of the allowed/],
    ["is a problem with a member too many", told(422, { ...unknown, more: 1 }, "/v1/log", problem), /Unrecognized key/],
  ])("is found out: it %s", (_, flaw, expected) => {
    if (expected === null) expect(flaw).toBeNull();
    else expect(flaw).toMatch(expected);
  });
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
    expect(text.replaceAll(/<[^>]*>/g, "")).not.toMatch(/[<>]/);
    expect(markup`<b>${`<i>&"'`}</b>`.text).toBe("<b>&lt;i&gt;&amp;&quot;&#39;</b>");
    expect(prose("`<i>` & more").text).toBe("<code>&lt;i&gt;</code> &amp; more");
  });

  test("has examples that a shell takes as they are meant, whatever stands in them", () => {
    const { operation, example } = exampleNamed("withdrawReport.retracted");
    const body = { reason: `It's "$HOME" \`ls\` \\n` };
    const line = curlOf(operation, { ...example, body });
    const script = `curl() { for each in "$@"; do printf '%s\\n' "$each"; done; }; URL=http://x TOKEN=t; ${line}`;
    const printed = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\n");
    expect(printed[3]).toMatch(/^http:\/\/x\/v1\/statements\/st_\w+\/reports\/rp_\w+\/withdrawal$/);
    expect(printed).toContain("Authorization: Bearer t");
    expect(JSON.parse(printed.at(-2) ?? "")).toEqual(body);
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
