import { LIMITS } from "@on-record/core/limits";
import type * as z from "zod";
import { CATALOGUE, type ProblemCode } from "../../http/catalogue.ts";
import { statusOfCode } from "../answers/problem.ts";
import { describeComponent, describeParameters } from "./meanings.ts";
import { NOUNS, type Example, type Operation, type RequestHeader } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import recorded from "./recorded.json" with { type: "json" };
import { openApiPath, partsOf } from "./paths.ts";
import { components, schemaOf, type JsonSchema } from "./schemas.ts";

/** What the description says of one parameter. */
export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description: string;
  schema: JsonSchema;
}

interface Content {
  schema: JsonSchema;
  examples?: Record<string, { summary: string; value: unknown }>;
}

/** One answer of one status. */
export interface DescribedAnswer {
  description: string;
  headers: Record<string, { description: string; required: boolean; schema: JsonSchema }>;
  content?: Record<string, Content>;
}

/** One route as the document describes it. */
export interface DescribedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { required: true; content: Record<string, Content> };
  responses: Record<string, DescribedAnswer>;
}

/** An OpenAPI 3.1 document, as far as it is made here. */
export interface OpenApi {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, object> };
}

const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";
const TEXT = { type: "string" };
/** Of a part of a path that may hold slashes. */
const DEEP = "^.+$";

const REQUEST_HEADERS: Readonly<Record<RequestHeader, Omit<Parameter, "in" | "required">>> = {
  "idempotency-key": {
    name: "Idempotency-Key",
    description: "The same request under the same key gets its first answer again.",
    schema: { ...TEXT, pattern: "^[\\x21-\\x7e]+$", maxLength: LIMITS.idempotencyKeyChars },
  },
  "if-match": {
    name: "If-Match",
    description: "The ETag of what the caller read, or `*`: with anything else there, the request is refused.",
    schema: TEXT,
  },
  "if-none-match": {
    name: "If-None-Match",
    description: "On GET: the ETag that the caller has; 304 while it is the same. On PUT: `*`, to replace nothing.",
    schema: TEXT,
  },
  prefer: {
    name: "Prefer",
    description: "`return=minimal`: a short answer will do (RFC 7240). Any other preference is passed over.",
    schema: TEXT,
  },
};

const ANSWER_HEADERS = {
  "X-Request-Id": "Names this request in the server's log.",
  ETag: "The version of the stream, in quotes.",
  Location: "Where the resource is.",
  Link: 'The next page (`rel="next"`), where there is one.',
  "Idempotent-Replayed": "`true`: this is the first answer to a request that was repeated.",
  "Preference-Applied": "`return=minimal`: the answer is as short as was preferred.",
  "Retry-After": "Seconds to wait before asking again.",
  "WWW-Authenticate": "How to say who one is.",
  Allow: "The methods that apply here.",
} as const;

function parametersOf({ path, query, takes = [], method }: Operation): Parameter[] {
  const inPath = partsOf(path).map(({ name, isDeep }): Parameter => {
    const schema = isDeep ? { ...TEXT, pattern: DEEP } : TEXT;
    return { name, in: "path", required: true, description: "", schema };
  });
  const { properties = {}, required = [] } = query === undefined ? {} : schemaOf(query, "input");
  const inQuery = Object.entries(properties).map(([name, schema]): Parameter => {
    return { name, in: "query", required: required.includes(name), description: "", schema };
  });
  const inHeader = takes.map((name): Parameter => ({ in: "header", required: false, ...REQUEST_HEADERS[name] }));
  return describeParameters(method, path, [...inPath, ...inQuery]).concat(inHeader);
}

/** Every code that a route may refuse with: its own, and those that follow from what it takes. */
export function codesOf({ scope, query, body, takes = [], rehearsal, errors, method }: Operation): ProblemCode[] {
  const { properties = {} } = query === undefined ? {} : schemaOf(query, "input");
  const waits = properties["after"]?.type === "string";
  const codes: (ProblemCode | false)[] = [
    scope !== null && "unauthenticated",
    scope !== null && scope !== "any" && "forbidden",
    (query !== undefined || body !== undefined || takes.length > 0) && "invalid_request",
    "cursor" in properties && "cursor_invalid",
    waits && "event_not_found",
    waits && "view_behind",
    takes.includes("if-match") && "precondition_failed",
    takes.includes("idempotency-key") && rehearsal !== undefined && "idempotency_mismatch",
    scope !== null && "store_unavailable",
    "internal_error",
    ...errors,
  ];
  const ofBody: ProblemCode[] = ["malformed_json", "body_too_large", "unsupported_media_type"];
  const all = [...codes.filter((code) => code !== false), ...(body === undefined || method === "GET" ? [] : ofBody)];
  return [...new Set(all)].toSorted();
}

function headersOf(status: number, { headers = [], list, takes = [] }: Operation): DescribedAnswer["headers"] {
  const ok = status < 400;
  const names: [name: keyof typeof ANSWER_HEADERS, required: boolean][] = [["X-Request-Id", true]];
  // A dry run of something new shows no ETag: there is nothing yet.
  if (ok && headers.includes("etag")) names.push(["ETag", status === 201 || !takes.includes("idempotency-key")]);
  if (status === 201 && headers.includes("location")) names.push(["Location", true]);
  if (status === 200 && list !== undefined) names.push(["Link", false]);
  if (status === 200 && takes.includes("idempotency-key")) names.push(["Idempotent-Replayed", false]);
  if (ok && takes.includes("prefer")) names.push(["Preference-Applied", false]);
  if (status === 401) names.push(["WWW-Authenticate", true]);
  if (status === 403) names.push(["WWW-Authenticate", true]);
  if (status === 412) names.push(["ETag", false]);
  if (status === 503) names.push(["Retry-After", false]);
  return Object.fromEntries(
    names.map(([name, required]) => [name, { description: ANSWER_HEADERS[name], required, schema: TEXT }]),
  );
}

const RECORDED: Readonly<Record<string, unknown>> = recorded;

function examplesOf(name: string, examples: Operation["examples"], status: number) {
  const found = Object.entries(examples)
    .filter(([key, example]) => example.status === status && `${name}.${key}` in RECORDED)
    .map(([key, { summary }]) => [key, { summary, value: RECORDED[`${name}.${key}`] }] as const);
  return found.length === 0 ? {} : { examples: Object.fromEntries(found) };
}

/** The forms that an answer of this status can have. A dry run records nothing, and so is never 201. */
function formOf(status: number, { answer, rehearsal, brief }: Operation): JsonSchema {
  const schemas = [answer, brief, status === 200 ? rehearsal : undefined].filter((schema) => schema !== undefined);
  const forms = schemas.map((schema) => schemaOf(schema, "output"));
  const [only] = forms;
  return only !== undefined && forms.length === 1 ? only : { anyOf: forms };
}

function answersOf(name: string, operation: Operation): Record<string, DescribedAnswer> {
  const { statuses, examples, method, media = JSON_TYPE, takes = [] } = operation;
  const answers: Record<string, DescribedAnswer> = {};
  const put = (status: number, description: string, type: string, schema: JsonSchema) => {
    const content = { [type]: { schema, ...examplesOf(name, examples, status) } };
    answers[status] = { description, headers: headersOf(status, operation), content };
  };
  const putProblems = (status: number, codes: readonly ProblemCode[]) => {
    const meaning = codes.map((code) => `\`${code}\`: ${CATALOGUE[code].meaning}`).join("\n\n");
    put(status, meaning, PROBLEM_TYPE, {
      $ref: "#/components/schemas/Problem",
      properties: { code: { enum: [...codes] } },
    });
  };
  for (const [status, meaning] of Object.entries(statuses)) {
    put(Number(status), meaning, media, formOf(Number(status), operation));
  }
  if (method === "GET" && takes.includes("if-none-match")) {
    answers["304"] = { description: "The caller has it already.", headers: headersOf(304, operation) };
  }
  const codes = codesOf(operation);
  for (const status of new Set(codes.map(statusOfCode))) {
    putProblems(
      status,
      codes.filter((code) => statusOfCode(code) === status),
    );
  }
  return answers;
}

function bodyOf(body: z.ZodType, examples: Operation["examples"]): NonNullable<DescribedOperation["requestBody"]> {
  const shown: NonNullable<Content["examples"]> = {};
  for (const [key, { summary, body: value }] of Object.entries<Example>(examples)) shown[key] = { summary, value };
  const content = { schema: schemaOf(body, "input"), examples: shown };
  return { required: true, content: { [JSON_TYPE]: content } };
}

function described(name: string, operation: Operation): DescribedOperation {
  const { noun, summary, notes, scope, body, examples } = operation;
  return {
    operationId: name,
    tags: [noun],
    summary,
    ...(notes !== undefined && { description: notes }),
    security: scope === null ? [] : [{ token: scope === "any" ? [] : [scope] }],
    parameters: parametersOf(operation),
    ...(body !== undefined && { requestBody: bodyOf(body, examples) }),
    responses: answersOf(name, operation),
  };
}

/** The whole description, made of the schemas that validate. */
export function createDocument(): OpenApi {
  const paths: OpenApi["paths"] = {};
  for (const [name, operation] of Object.entries<Operation>(OPERATIONS)) {
    const path = openApiPath(operation.path);
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: described(name, operation) };
  }
  const schemas = components();
  for (const [name, schema] of Object.entries(schemas)) describeComponent(name, schema);
  return {
    openapi: "3.1.0",
    info: {
      title: "On Record",
      version: "1.0.0",
      description: "An event-sourced ledger of public statements. The same for people: /docs",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(NOUNS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "A token, as `Bearer or_…`." } },
    },
  };
}
