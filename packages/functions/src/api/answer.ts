import type { CommandRequest, Outcome } from "@on-record/core/commands/request";
import type * as z from "zod";
import { readJson } from "../http/body.ts";
import { idempotencyKeyOf, validate } from "../http/validate.ts";
import type { ApiContext } from "./route.ts";

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
}

/** Answers a command: 201 or 200, the stream's version as ETag, and whether it was a replay, in header and body. */
export function answer(c: ApiContext, outcome: Outcome<unknown>, { body, created, location }: AnswerParts): Response {
  const { event, replayed, unchanged, version } = outcome;
  c.header("etag", etagOf(version));
  if (replayed) c.header("idempotent-replayed", "true");
  const isNew = created && !replayed;
  if (isNew && location !== undefined) c.header("location", location);
  return c.json({ ...body, event, replayed, unchanged }, isNew ? 201 : 200);
}

/** A stream's version as an entity tag. */
export function etagOf(version: number): string {
  return `"${version}"`;
}
