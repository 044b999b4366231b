import { refuseUnexpected } from "@on-record/core/commands/precondition";
import type { CommandDeps, CommandRequest, Outcome } from "@on-record/core/commands/request";
import type * as z from "zod";
import { readJson } from "../http/body.ts";
import { heldResponse } from "../http/held-response.ts";
import { etagOf, expectedOf, expectedOfGet, isKnown, type Act } from "../http/preconditions.ts";
import { idempotencyKeyOf, validate } from "../http/validate.ts";
import { askedOf, rehearse } from "./dry-run.ts";
import type { ApiContext, ApiParts } from "./route.ts";

/** Reads a command from a request: who asks, under which key, and the body as the schema gives it. */
export async function commandRequest<S extends z.ZodType>(
  c: ApiContext,
  schema: S,
): Promise<CommandRequest<z.infer<S>>> {
  const idempotencyKey = idempotencyKeyOf(c.req.raw);
  const payload = validate(schema, await readJson(c.req.raw));
  return { principal: c.get("principal").id, idempotencyKey, payload };
}

/** What to say of an outcome beyond what every outcome says. */
export interface AnswerParts {
  /** The resource under its noun, and what else the answer carries. */
  body: object;
  /** Whether the event made something new: 201, unless it is a replay. */
  created: boolean;
  location?: string;
  /** What else the headers say. */
  headers?: Readonly<Record<string, string>>;
}

/** One command as a route offers it. */
export interface Offer<P extends z.ZodType, S> {
  schema: P;
  /** Which preconditions it knows. */
  act: Act;
  run: (commands: CommandDeps, request: CommandRequest<z.infer<P>>) => Promise<Outcome<S>>;
  tell: (outcome: Outcome<S>) => AnswerParts | Promise<AnswerParts>;
}

/** Reads a command, carries it out or, where the query asks for a dry run, rehearses it, and answers. */
export async function carryOut<P extends z.ZodType, S>(
  c: ApiContext,
  parts: ApiParts,
  { schema, act, run, tell }: Offer<P, S>,
): Promise<Response> {
  const asked = askedOf(c, parts);
  const expected = expectedOf(c.req.raw, act);
  const request = { ...(await commandRequest(c, schema)), expected };
  if (asked.dryRun) {
    const { outcome, shown } = await rehearse(parts, asked, (commands) => run(commands, request));
    if (shown.version > 0) c.header("etag", etagOf(shown.version));
    if (outcome.replayed) c.header("idempotent-replayed", "true");
    return c.json({ ...(await tell(outcome)).body, ...shown.body });
  }
  const outcome = await run(parts.commands, request);
  return answer(outcome, await tell(outcome));
}

/** Answers a command: 201 or 200, the stream's version as ETag, and whether it was a replay, in header and body. */
function answer(outcome: Outcome<unknown>, { body, created, location, headers: more }: AnswerParts): Response {
  const { event, replayed, unchanged, version } = outcome;
  const isNew = created && !replayed;
  const headers = {
    "content-type": "application/json",
    etag: etagOf(version),
    ...(replayed && { "idempotent-replayed": "true" }),
    ...(isNew && location !== undefined && { location }),
    ...more,
  };
  return heldResponse(JSON.stringify({ ...body, event, replayed, unchanged }), { status: isNew ? 201 : 200, headers });
}

/** Answers a GET with what a stream comes to at this version: 304 where the caller has it. Throws `precondition_failed`. */
export function answerState(c: ApiContext, version: number, body: object, { mayBeKnown = true } = {}): Response {
  const known = mayBeKnown && isKnown(c.req.raw, version);
  refuseUnexpected(expectedOfGet(c.req.raw), version);
  c.header("etag", etagOf(version));
  return known ? c.body(null, 304) : c.json(body);
}
