import { problemOfCode } from "@on-record/functions/api/answers/problem";
import { createDocument, type DescribedAnswer, type OpenApi } from "@on-record/functions/api/description/document";
import { CATALOGUE, type ProblemCode } from "@on-record/functions/http/catalogue";
import { STATUS } from "@on-record/functions/http/status";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** An answer as it was received. */
export interface Received {
  status: number;
  headers: Headers;
  text: string;
}

/** What any request may be answered, wherever it goes. */
const ANYWHERE = new Set([
  "route_not_found",
  "method_not_allowed",
  "unauthenticated",
  "store_unavailable",
  // The front's, or the gateway's.
  "request_timeout",
  "headers_too_large",
  "body_too_large",
]);

let held: { document: OpenApi; ajv: Ajv2020 } | undefined;

function description(): { document: OpenApi; ajv: Ajv2020 } {
  if (held === undefined) {
    const document = createDocument();
    // Most of the schemas are asked for a few times: to make them costs more than to use them.
    const quick = { inlineRefs: false, code: { optimize: false } };
    const ajv = new Ajv2020({
      strict: false,
      validateFormats: false,
      validateSchema: false,
      allErrors: true,
      ...quick,
    });
    ajv.addSchema(document, "openapi.json");
    held = { document, ajv };
  }
  return held;
}

let forms: { path: string; form: RegExp }[] | undefined;

/** Every path as a form, those without parameters first, as the API has them. */
function pathForms(): { path: string; form: RegExp }[] {
  const { paths } = description().document;
  forms ??= Object.entries(paths)
    .toSorted(([a], [b]) => a.split("{").length - b.split("{").length)
    .map(([path, methods]) => {
      const parameters = Object.values(methods).flatMap((each) => each.parameters);
      const partOf = (name: string) => parameters.find((each) => each.in === "path" && each.name === name);
      // One that may hold slashes says so by a pattern.
      const form = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (partOf(name)?.schema.pattern ? ".+" : "[^/]+"));
      return { path, form: new RegExp(`^${form}$`) };
    });
  return forms;
}

/** The route that a request met. */
function routeOf(method: string, path: string): { path: string; method: string } | undefined {
  const asked = method === "HEAD" ? "get" : method.toLowerCase();
  const found = pathForms().find(({ form }) => form.test(path))?.path;
  const described = found !== undefined && description().document.paths[found]?.[asked];
  return found !== undefined && described ? { path: found, method: asked } : undefined;
}

const pointer = (part: string) => part.replaceAll("~", "~0").replaceAll("/", "~1");
const compiled = new Map<string, ValidateFunction>();

function validatorOf(keys: readonly string[]): ValidateFunction {
  const place = keys.map(pointer).join("/");
  const known = compiled.get(place) ?? description().ajv.compile({ $ref: `openapi.json#/${encodeURI(place)}` });
  compiled.set(place, known);
  return known;
}

function isCode(code: unknown): code is ProblemCode {
  return typeof code === "string" && code in CATALOGUE;
}

const problems = new Map<ProblemCode, ReturnType<typeof problemOfCode>>();

/** What is wrong with a problem document, by its code. */
function flawOfProblem(body: { code?: unknown }, status: number): string | null {
  if (!isCode(body.code)) return `has the code ${String(body.code)}, which is not catalogued`;
  const schema = problems.get(body.code) ?? problemOfCode(body.code);
  problems.set(body.code, schema);
  const read = schema.safeParse(body);
  if (!read.success) return `is no problem of the code ${body.code}: ${read.error.message}`;
  const expected = body.code === "internal_error" ? 500 : STATUS[body.code];
  return expected === status ? null : `has the status ${status}, and its code ${expected}`;
}

function flawOfHeaders(described: DescribedAnswer, headers: Headers): string | null {
  const missing = Object.entries(described.headers).filter(([name, { required }]) => required && !headers.has(name));
  return missing.length === 0 ? null : `lacks ${missing.map(([name]) => name).join(", ")}`;
}

/** In what an answer is not as the description has it; `null` when it is. */
export function undocumented(method: string, path: string, { status, headers, text }: Received): string | null {
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  const body: unknown = type.endsWith("json") ? (text === "" ? undefined : JSON.parse(text)) : text;
  const isProblem = type === "application/problem+json" && typeof body === "object" && body !== null;
  const flaw = isProblem ? flawOfProblem(body, status) : null;
  if (flaw !== null) return flaw;
  if (isProblem && "code" in body && ANYWHERE.has(String(body.code))) return null;
  // What is no request has no fields to name.
  if (isProblem && "code" in body && body.code === "invalid_request" && !("errors" in body)) return null;
  // What the problem is, HEAD does not say.
  if (method === "HEAD" && type === "application/problem+json" && text === "") return null;
  const route = routeOf(method, path.split("?")[0] ?? "");
  if (route === undefined) return method === "OPTIONS" && status === 204 ? null : "comes from no documented route";
  const described = description().document.paths[route.path]?.[route.method]?.responses[status];
  if (described === undefined) return `has the status ${status}, which is not documented`;
  const missing = flawOfHeaders(described, headers);
  if (missing !== null) return missing;
  if (method === "HEAD" || described.content === undefined) return text === "" ? null : "has a body";
  if (!(type in described.content)) return `has the type ${type}, which is not documented`;
  const keys = ["paths", route.path, route.method, "responses", String(status), "content", type, "schema"];
  const validate = validatorOf(keys);
  if (validate(body)) return null;
  return `is not as documented: ${errorsOf(validate)}`;
}

function errorsOf({ errors }: ValidateFunction): string {
  const told = (errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(" "),
  );
  return told.slice(0, 12).join("; ");
}

/** In what a request's body is not as the description asks; `null` when it is, or where no body is described. */
export function unasked(method: string, path: string, text: string): string | null {
  const route = routeOf(method, path);
  if (route === undefined) return null;
  const { requestBody } = description().document.paths[route.path]?.[route.method] ?? {};
  if (requestBody === undefined) return null;
  const keys = ["paths", route.path, route.method, "requestBody", "content", "application/json", "schema"];
  const validate = validatorOf(keys);
  // Words are trimmed before they are measured.
  const body: unknown = JSON.parse(text, (_, value: unknown) => (typeof value === "string" ? value.trim() : value));
  return validate(body) ? null : `is not as documented: ${errorsOf(validate)}`;
}
