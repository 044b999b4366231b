import { createHash } from "node:crypto";
import { OnRecordError, type Body } from "@on-record/client";
import { canonicalJson } from "@on-record/core/log/digest";
import { Failure } from "../io.ts";
import type { RemoteLedger } from "../ledger.ts";
import type { Wish } from "./rows.ts";

/** What became of one row. */
export type Settled =
  | { outcome: "recorded" | "replayed" | "registered" | "unchanged" }
  | { outcome: "refused"; message: string }
  /** The store did not answer: it may have happened, and asking again is safe. */
  | { outcome: "unsettled"; message: string };

interface Problem {
  code?: unknown;
  detail?: unknown;
  title?: unknown;
  errors?: unknown;
}

type Field = { path: string; message: string };

function fieldsOf({ errors }: Problem): Field[] {
  const list: unknown[] = Array.isArray(errors) ? errors : [];
  return list.flatMap((each) => {
    if (typeof each !== "object" || each === null || !("path" in each) || !("message" in each)) return [];
    return [{ path: String(each.path), message: String(each.message) }];
  });
}

function messageOf(problem: Problem): string {
  const fields = fieldsOf(problem)
    .map(({ path, message }) => `${path} ${message}`)
    .join("; ");
  return `${String(problem.code)}: ${String(problem.detail ?? problem.title)}${fields === "" ? "" : ` (${fields})`}`;
}

/** What stands at a dotted path. */
function valueAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (held, name) =>
        typeof held === "object" && held !== null ? Object.entries(held).find(([key]) => key === name)?.[1] : undefined,
      value,
    );
}

/** Whether all that is refused is an actor or a proposition that the file itself brings: a dry run makes none. */
function isBrought(problem: Problem, value: object, brings: ReadonlySet<string>): boolean {
  if (problem.code !== "unknown_actor" && problem.code !== "unknown_proposition") return false;
  const fields = fieldsOf(problem);
  return fields.length > 0 && fields.every(({ path }) => brings.has(String(valueAt(value, path))));
}

/** The key that a statement is known by: the file's own, else made of what the row says. */
function keyed(value: object): Body<"recordStatements">["statements"][number] {
  if ("idempotencyKey" in value) return value;
  return {
    ...value,
    idempotencyKey: `import-${createHash("sha256").update(canonicalJson(value)).digest("base64url")}`,
  };
}

export interface Sender {
  ledger: RemoteLedger;
  dryRun: boolean;
  brings: ReadonlySet<string>;
}

const isPassing = (status: number) => status === 429 || status >= 500;

/** Records some statements in one request; what became of each stands in its place. */
export async function sendStatements(
  { ledger, dryRun, brings }: Sender,
  values: readonly object[],
): Promise<Settled[]> {
  const body = { statements: values.map(keyed) };
  const { client, options } = ledger;
  const { results } = dryRun
    ? await client.recordStatements(body, { ...options, dryRun: true })
    : await client.recordStatements(body, options);
  if (results.length !== values.length)
    throw new Failure(`the ledger answered ${results.length} of ${values.length} statements`);
  return results.map((result, index): Settled => {
    const problem: Problem | undefined = "problem" in result ? result.problem : undefined;
    if (problem === undefined) return { outcome: "replayed" in result && result.replayed ? "replayed" : "recorded" };
    if (dryRun && isBrought(problem, values[index] ?? {}, brings)) return { outcome: "recorded" };
    return { outcome: isPassing(result.status) ? "unsettled" : "refused", message: messageOf(problem) };
  });
}

/** Registers an actor, or defines a proposition. */
export async function sendRegistry(
  { ledger, dryRun, brings }: Sender,
  wish: Exclude<Wish, { kind: "statement" }>,
): Promise<Settled> {
  const { client, options } = ledger;
  const asked = dryRun ? ({ ...options, dryRun: true } as const) : options;
  try {
    const answer =
      wish.kind === "actor"
        ? await client.putActor(wish.id, wish.value, asked)
        : await client.putProposition(wish.id, wish.value, asked);
    return { outcome: answer.unchanged ? "unchanged" : "registered" };
  } catch (error) {
    if (!(error instanceof OnRecordError) || error.problem === undefined) throw error;
    if (error.status === 401 || error.status === 403 || isPassing(error.status)) throw error;
    if (dryRun && isBrought(error.problem, wish.value, brings)) return { outcome: "registered" };
    return { outcome: "refused", message: messageOf(error.problem) };
  }
}
