import { isUnavailable, keysOf, recordEach, type Settled } from "@on-record/core/commands/batch";
import { BatchInput, BatchItemInput, IdempotencyKey, type RecordStatementInput } from "@on-record/core/commands/inputs";
import { recordStatement } from "@on-record/core/commands/record-statement";
import { createRehearsal } from "@on-record/core/commands/rehearse";
import type { CommandRequest } from "@on-record/core/commands/request";
import { LIMITS } from "@on-record/core/limits";
import { readParts, refuseUnfit } from "../http/body.ts";
import { expectedOf } from "../http/preconditions.ts";
import { problemIn } from "../http/problem.ts";
import { idempotencyKeyOf, validate } from "../http/validate.ts";
import { askedOf, rehearse } from "./dry-run.ts";
import { presentStatement } from "./present.ts";
import type { ApiContext, ApiParts } from "./route.ts";

type Item = { idempotencyKey?: string | undefined; payload: RecordStatementInput };
type Request = CommandRequest<RecordStatementInput>;

/** What is told of one item that was not refused. */
interface Told {
  status: 200 | 201;
  replayed: boolean;
  body: object;
}

/** Reads an item as if it were the body of a request of its own: its problems name its own fields. */
function readItem(value: unknown): Settled<Item> {
  try {
    refuseUnfit(value);
    const { idempotencyKey, ...payload } = validate(BatchItemInput, value);
    return { value: { idempotencyKey, payload } };
  } catch (error) {
    return { error };
  }
}

/** The batch's key leaves room for what each item's own adds to it. */
function batchKeyOf(request: globalThis.Request): string | undefined {
  const key = idempotencyKeyOf(request);
  const longest = `${key}#${LIMITS.batchStatementsCount - 1}`;
  if (key !== undefined) validate(IdempotencyKey, longest);
  return key;
}

async function record({ commands }: ApiParts, request: Request): Promise<Told> {
  const { state, event, replayed, unchanged } = await recordStatement(commands, request);
  const body = { statement: presentStatement(state), event, replayed, unchanged };
  return { status: replayed ? 200 : 201, replayed, body };
}

/** Each item is shown as if it alone were recorded; one that repeats another is its replay all the same. */
function recorderFor(c: ApiContext, parts: ApiParts): (request: Request) => Promise<Told> {
  const asked = askedOf(c, parts);
  if (!asked.dryRun) return (request) => record(parts, request);
  const rehearsal = createRehearsal(parts.commands);
  return async (request) => {
    const run = (commands: ApiParts["commands"]) => recordStatement(commands, request);
    const { outcome, shown } = await rehearse(parts, asked, run, rehearsal);
    const body = { statement: presentStatement(outcome.state), ...shown.body };
    return { status: 200, replayed: outcome.replayed, body };
  };
}

/**
 * Records up to `LIMITS.batchStatementsCount` statements, each as if it were posted by itself. 200 with a result for
 * each, whatever they are; when the store answered for none, nothing is known of any, and the whole is refused as one.
 */
export async function answerBatch(c: ApiContext, parts: ApiParts): Promise<Response> {
  const recorder = recorderFor(c, parts);
  expectedOf(c.req.raw, "create");
  const batchKey = batchKeyOf(c.req.raw);
  const { statements } = validate(BatchInput, await readParts(c.req.raw, LIMITS.batchBodyBytes));
  const items = statements.map(readItem);
  const keys = keysOf(
    batchKey,
    items.map((item) => ("value" in item ? item.value : undefined)),
  );
  const principal = c.get("principal").id;
  const readable = items.flatMap((item, index) =>
    "value" in item
      ? [{ index, request: { principal, idempotencyKey: keys[index], payload: item.value.payload } }]
      : [],
  );
  const recorded = await recordEach(
    parts.commands,
    readable.map(({ request }) => request),
    recorder,
  );
  const [first] = recorded;
  if (first !== undefined && "error" in first && recorded.every(isUnavailable)) throw first.error;
  const settled = new Map(readable.map(({ index }, at) => [index, recorded[at]]));
  const results = items.map((item, index) => settled.get(index) ?? item);
  return c.json(tell(c, parts, results));
}

function tell(c: ApiContext, { logger }: ApiParts, results: readonly (Settled<Told> | Settled<Item>)[]): object {
  const counts = { recorded: 0, replayed: 0, refused: 0 };
  const context = { requestId: c.get("requestId"), method: c.req.method, path: c.req.path, logger };
  const shown = results.map((result, index) => {
    if ("error" in result) {
      counts.refused += 1;
      const problem = problemIn(result.error, context);
      return { index, status: problem.status, problem };
    }
    if (!("status" in result.value)) throw new Error("an item that could be read has a result");
    const { status, replayed, body } = result.value;
    counts[replayed ? "replayed" : "recorded"] += 1;
    return { index, status, ...body };
  });
  return { results: shown, counts };
}
