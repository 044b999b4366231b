import { StatementId } from "../domain/ids.ts";
import { LedgerError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { StreamName } from "../log/envelope.ts";
import { placesInLog, type LogPlace } from "../log/places.ts";
import type { EventEraser, LogReader, StreamStore, ViewEraser, ViewStore } from "../log/ports.ts";
import { readEvent } from "../log/upcast.ts";
import { bodyOf } from "../projections/body.ts";
import { openView } from "../projections/builds.ts";
import { momentKey, newestVersion } from "../projections/moments.ts";
import type { Erasure } from "../projections/positions/erasing.ts";
import { POSITIONS, statementPk } from "../projections/positions/rows.ts";
import type { StatementRow } from "../projections/positions/statements.ts";
import { eraseEvents } from "./events.ts";
import { eraseRows } from "./rows.ts";

export interface ErasureDeps {
  log: LogReader;
  streams: Pick<StreamStore, "load">;
  views: ViewStore;
  events: EventEraser;
  rows: ViewEraser;
  /** Where erasure keeps its place; not among the views, which can be rebuilt. */
  places: Pick<ViewStore, "checkpoint" | "advance">;
  /** Milliseconds since 1970. */
  clock: () => number;
  sleep: (ms: number) => Promise<void>;
}

/** What was done to take one statement's words away; for logs. */
export interface Erased {
  statement: StatementId;
  /** Of its tombstone. */
  sequence: number;
  events: number;
  rows: number;
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** What is shown has to know of the tombstone first: from there on nothing reads the words that stand before it. */
async function waitPast({ views, clock, sleep }: ErasureDeps, sequence: number): Promise<void> {
  const deadline = clock() + LIMITS.afterWaitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if ((await views.checkpoint(POSITIONS)).next > sequence) return;
    if (clock() >= deadline) throw new LedgerError("view_behind", `the positions have not come to ${sequence} yet`);
    await sleep(pause);
  }
}

/** What takes the place of the words, as the view has worked it out when it came to the tombstone. */
async function erasureAt({ views }: ErasureDeps, statement: StatementId, { sequence, recordedAt }: LogPlace) {
  const { rows } = await openView(views, POSITIONS);
  const version = await newestVersion(rows, statementPk(statement), momentKey(recordedAt, sequence));
  const unlike = version === null ? undefined : bodyOf<StatementRow>(version).statement.unlike;
  if (unlike === undefined) throw new Error(`the positions do not know that ${statement} was erased at ${sequence}`);
  return unlike;
}

/**
 * Takes an erased statement's words out of the Events table and out of the read models; `null` for a stream without a
 * tombstone. Each of its writes can be made again: it can be killed anywhere, and called again.
 *
 * Throws `view_behind` while the tombstone is not in the log, or not in the view that is shown, and `store_unavailable`.
 */
export async function eraseStream(deps: ErasureDeps, stream: StreamName): Promise<Erased | null> {
  const stored = await deps.streams.load(stream);
  const tombstone = stored.at(-1);
  if (tombstone === undefined || tombstone.type !== "StatementErased") return null;
  const [place] = await placesInLog(deps.log, [tombstone.id]);
  if (!place) throw new LedgerError("view_behind", `${tombstone.id} has not entered the log yet`);
  await waitPast(deps, place.sequence);

  const event = readEvent(tombstone);
  if (event.type !== "StatementErased") throw new Error(`${tombstone.id} is no tombstone`);
  const statement = StatementId.parse(stream.slice("statement/".length));
  const unlike = await erasureAt(deps, statement, place);
  const erasure: Erasure = { statement, numbers: event.data.conditions, unlike };
  const events = await eraseEvents(stored, erasure, deps.events);
  const rows = await eraseRows(deps.views, deps.rows, erasure);
  return { statement, sequence: place.sequence, events, rows };
}
