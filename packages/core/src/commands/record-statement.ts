import { LIMITS } from "../limits.ts";
import { LedgerError } from "../errors.ts";
import { ReportId, StatementId, type ActorId } from "../domain/ids.ts";
import { statementDecider } from "../domain/statement/decide.ts";
import type { StatementEventOf } from "../domain/statement/events.ts";
import type { AssessmentInput, ReportInput } from "../domain/statement/parts.ts";
import type { Statement } from "../domain/statement/state.ts";
import { instantOf, type SaidAt } from "../domain/time.ts";
import { base32, keyedHash } from "../log/digest.ts";
import { isConflict, seal } from "./append.ts";
import { replay } from "./execute.ts";
import { spanOf, type RecordStatementInput } from "./inputs.ts";
import type { Reference } from "./registry.ts";
import { marksOf, nameOf, type CommandDeps, type CommandRequest, type Outcome, type RequestMarks } from "./request.ts";
import { loadStream, STATEMENTS } from "./streams.ts";

/** Is told of a statement right before it is appended, and waited for by nobody. */
type Onlooker = (statement: Statement) => void;

/**
 * Records one utterance with its first report. The id follows from the request, so a repeat meets the first event in
 * its way and no read comes before the write: the same request gets the first answer again, marked `replayed`.
 *
 * Throws `idempotency_mismatch` (the key was used for another statement), `statement_exists` (no key, the same words
 * from the same page, other details), `unknown_actor`, `unknown_proposition`, `said_in_future`,
 * `evidence_outside_text`, `invalid_request`, `store_unavailable`.
 */
export async function recordStatement(
  deps: CommandDeps,
  request: CommandRequest<RecordStatementInput>,
  onlooker?: Onlooker,
): Promise<Outcome<Statement>> {
  const input = request.payload;
  const saidAt = saidAtOf(input);
  const id = statementIdOf(deps, request, saidAt);
  const by = request.principal;
  const data = recordedData(deps, id, input, saidAt);
  const event = statementDecider.decide({ type: "RecordStatement", by, data, latest: latestOf(deps) }, null);
  if (event === null) throw new Error("a new statement always leads to an event");
  await deps.registry.demand([
    { kind: "actor", id: input.speaker, path: "speaker" },
    ...(input.onBehalfOf === undefined ? [] : [actorReference(input.onBehalfOf, "onBehalfOf")]),
    ...assessmentReferences(input.assessments),
  ]);

  // Its size needs no look: the bounds of its parts keep it far below `LIMITS.stateBytes`.
  const state = statementDecider.evolve(null, { ...event, version: 1, recordedBy: by });
  if (state === null) throw new Error("a recorded statement has a state");
  const marks = marksOf(deps, "RecordStatement", request);
  const stored = seal(deps, { stream: STATEMENTS.streamOf(id), version: 1, recordedBy: by, marks }, event);
  onlooker?.(state);
  try {
    // Dead just before: nothing happened. Dead just after: the statement stands and will enter the log, and the
    // caller's retry meets it below.
    await deps.streams.append(stored);
  } catch (error) {
    if (isConflict(error)) return answerAgain(deps, id, request, marks);
    throw error;
  }
  return { state, version: 1, event: nameOf(stored), replayed: false, unchanged: false };
}

function saidAtOf({ saidAt, saidAtPrecision, saidAtZone }: RecordStatementInput): SaidAt {
  return spanOf("saidAt", saidAt, saidAtPrecision, saidAtZone);
}

/** The statement was there already: by the same request, or by one that differs in what its id does not cover. */
async function answerAgain(
  { streams }: CommandDeps,
  id: StatementId,
  { idempotencyKey }: CommandRequest<RecordStatementInput>,
  marks: RequestMarks,
): Promise<Outcome<Statement>> {
  const { events, state: now } = await loadStream(streams, STATEMENTS, id);
  const [first] = events;
  if (first === undefined) throw new Error(`the place of ${id} is taken, but its stream is empty`);
  STATEMENTS.refuseRepeat?.(now, first);
  if (idempotencyKey === undefined && first.requestDigest !== marks.requestDigest) {
    const message = `these words from this page are already recorded as ${id}, with other details`;
    throw new LedgerError("statement_exists", message, { details: { statement: id } });
  }
  const { state, ...rest } = replay(STATEMENTS, events, first, marks);
  if (state === null) throw new Error("a recorded statement has a state");
  return { state, ...rest };
}

/**
 * A statement's id: a keyed hash of the caller's key or, without one, of who said what when, and where it was read.
 * The time enters as the span it covers, so that two ways to write one moment are one statement.
 */
export function statementIdOf(
  { ledgerKey }: Pick<CommandDeps, "ledgerKey">,
  { principal, idempotencyKey, payload }: CommandRequest<RecordStatementInput>,
  saidAt: SaidAt = saidAtOf(payload),
): StatementId {
  const { speaker, onBehalfOf, text, report } = payload;
  const facts =
    idempotencyKey === undefined
      ? [principal, speaker, onBehalfOf ?? speaker, [saidAt.from, saidAt.until], text, report.url]
      : [principal, idempotencyKey];
  return StatementId.parse(`st_${base32(keyedHash(ledgerKey, "statement", facts), 26)}`);
}

/** A report's id: the same page reports the same statement once. */
export function reportIdOf(
  { ledgerKey }: Pick<CommandDeps, "ledgerKey">,
  statement: StatementId,
  { url }: ReportInput,
): ReportId {
  return ReportId.parse(`rp_${base32(keyedHash(ledgerKey, "report", [statement, url]), 16)}`);
}

function recordedData(
  deps: CommandDeps,
  statement: StatementId,
  input: RecordStatementInput,
  saidAt: SaidAt,
): StatementEventOf<"StatementRecorded">["data"] {
  const { speaker, onBehalfOf, text, language, report, assessments } = input;
  return {
    statement,
    speaker,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    text,
    ...(language !== undefined && { language }),
    saidAt,
    report: { ...report, id: reportIdOf(deps, statement, report) },
    assessments,
  };
}

/** A time beyond this lies in the future, whatever the caller's clock says. */
export function latestOf({ clock }: Pick<CommandDeps, "clock">): string {
  return instantOf(clock() + LIMITS.clockSkewMs);
}

export function actorReference(id: ActorId, path: string): Reference {
  return { kind: "actor", id, path };
}

/** The propositions that assessments name. */
export function assessmentReferences(assessments: readonly AssessmentInput[]): Reference[] {
  return assessments.map(({ proposition: id }, index) => ({
    kind: "proposition",
    id,
    path: `assessments.${index}.proposition`,
  }));
}
