import { LIMITS } from "@on-record/core/limits";
import { Failure, type Io } from "../io.ts";
import type { Place } from "./place.ts";
import { rowsOf, type Reading } from "./rows.ts";
import { sendRegistry, sendStatements, type Sender, type Settled } from "./send.ts";
import type { BadRow } from "./survey.ts";

/** A batch's body leaves room for what stands around its statements. */
const BATCH_BYTES = LIMITS.batchBodyBytes - 262_144;
const TRIES_COUNT = 5;
const PAUSE_MS = 1_000;

/** What recording works with. */
export interface Recording extends Sender {
  io: Pick<Io, "sleep" | "signal">;
  batch: number;
  onBad: (row: BadRow) => Promise<void>;
  /** After each request: so many rows are settled, and this is where to go on. */
  onSettled: (done: number, place: Place) => Promise<void>;
}

/** A place that rows are settled into. */
class Progressing {
  place: Place;
  done = 0;
  readonly #recording: Recording;

  constructor(place: Place, recording: Recording) {
    this.place = place;
    this.#recording = recording;
  }

  async settle(line: number, settled: Settled): Promise<void> {
    this.done += 1;
    if (settled.outcome === "refused" || settled.outcome === "unsettled") {
      const bad = { line, message: settled.message };
      this.place = { ...this.place, refused: [...this.place.refused, bad] };
      await this.#recording.onBad(bad);
    } else {
      const { counts } = this.place;
      this.place = { ...this.place, counts: { ...counts, [settled.outcome]: counts[settled.outcome] + 1 } };
    }
  }

  async reached(more: Partial<Place>): Promise<void> {
    this.place = { ...this.place, ...more };
    await this.#recording.onSettled(this.done, this.place);
  }
}

/** Actors and propositions first, in the order of the file: statements name them, and they name each other. */
async function recordRegistry(reading: Reading, recording: Recording, at: Progressing): Promise<void> {
  for await (const row of rowsOf(reading)) {
    if ("flaw" in row || row.wish.kind === "statement") continue;
    recording.io.signal.throwIfAborted();
    await at.settle(row.line, await sendRegistry(recording, row.wish));
    await at.reached({});
  }
  await at.reached({ registryDone: true });
}

interface Waiting {
  line: number;
  value: object;
}

/** Sends a batch until every row of it is settled: what the store did not answer for is asked again. */
async function sendAll(batch: readonly Waiting[], recording: Recording): Promise<Map<number, Settled>> {
  const { io } = recording;
  const settled = new Map<number, Settled>();
  let left = batch;
  for (let tries = 1; left.length > 0; tries += 1) {
    const results = await sendStatements(
      recording,
      left.map(({ value }) => value),
    );
    for (const [index, { line }] of left.entries())
      settled.set(line, results[index] ?? { outcome: "unsettled", message: "was not answered" });
    left = left.filter(({ line }) => settled.get(line)?.outcome === "unsettled");
    if (left.length > 0 && tries === TRIES_COUNT) {
      throw new Failure(
        `the store did not answer for ${left.length} statements, from line ${left[0]?.line ?? 0} on: run the import again, and it goes on there`,
      );
    }
    if (left.length > 0) await io.sleep(PAUSE_MS * tries, io.signal);
  }
  return settled;
}

async function recordStatements(reading: Reading, recording: Recording, at: Progressing): Promise<void> {
  let waiting: Waiting[] = [];
  let bytes = 0;
  const flush = async () => {
    const last = waiting.at(-1);
    if (last === undefined) return;
    recording.io.signal.throwIfAborted();
    const settled = await sendAll(waiting, recording);
    for (const { line } of waiting) {
      const result = settled.get(line);
      if (result !== undefined) await at.settle(line, result);
    }
    waiting = [];
    bytes = 0;
    await at.reached({ throughLine: last.line });
  };
  for await (const row of rowsOf(reading)) {
    if ("flaw" in row || row.wish.kind !== "statement") continue;
    if (row.line <= at.place.throughLine) {
      at.done += 1;
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(row.wish.value));
    if (bytes + size > BATCH_BYTES) await flush();
    waiting.push({ line: row.line, value: row.wish.value });
    bytes += size;
    if (waiting.length === recording.batch) await flush();
  }
  await flush();
}

/** Records what a file asks for, from where it was left. Gives how it ended. */
export async function recordRows(reading: Reading, from: Place, recording: Recording): Promise<Place> {
  const at = new Progressing(from, recording);
  if (!from.registryDone) await recordRegistry(reading, recording, at);
  await recordStatements(reading, recording, at);
  return at.place;
}
