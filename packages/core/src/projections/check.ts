import { createHash } from "node:crypto";
import { sameJson } from "../domain/same-json.ts";
import { mapBounded } from "../log/bounded.ts";
import type { Checkpoint, LogReader, ViewRange, ViewRow, ViewStore, ViewUpkeep } from "../log/ports.ts";
import { bodyOf } from "./body.ts";
import { buildName, openView, type OpenView } from "./builds.ts";
import { sequenceIn, type AnyProjection } from "./projection.ts";
import { catchUp, type ProjectionDeps } from "./run.ts";

/** The first row that is not what the log says. */
export interface Difference {
  /** `missing`: shown nowhere. `altered`: shown otherwise. `extra`: shown, though nothing in the log makes it. */
  kind: "missing" | "altered" | "extra";
  pk: string;
  sk: string;
  /** What the log says, and what is shown. */
  rebuilt?: object;
  shown?: object;
}

export interface Checked {
  name: string;
  /** The newest event that both were compared as of; `null` where nothing is shown yet. */
  through: number | null;
  rowsCount: number;
  difference: Difference | null;
}

class Found extends Error {
  readonly difference: Difference;

  constructor(difference: Difference) {
    super(`${difference.kind}: ${difference.pk} ${difference.sk}`);
    this.difference = difference;
  }
}

const KEY_HASH_BYTES = 6;

/** A key in so few bytes that millions of them stay in memory. */
function hashOf({ pk, sk }: Pick<ViewRow, "pk" | "sk">): number {
  return createHash("sha256").update(`${pk}\0${sk}`).digest().readUIntBE(0, KEY_HASH_BYTES);
}

/**
 * A store for a replay that writes nothing: what it puts is compared with what is shown. What it reads is what is shown,
 * too. As long as nothing differed, that is what it would have written itself.
 */
class Comparison implements ViewStore {
  readonly #views: ViewStore;
  readonly #name: string;
  readonly #shown: OpenView;
  readonly written = new Set<number>();
  #place: Checkpoint = { next: 0, recordedAt: null };

  constructor(views: ViewStore, name: string, shown: OpenView) {
    this.#views = views;
    this.#name = name;
    this.#shown = shown;
  }

  get(pk: string, sk: string): Promise<object | undefined> {
    return this.#shown.rows.get(pk, sk);
  }

  query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    return this.#shown.rows.query(pk, range);
  }

  async put(rows: readonly ViewRow[]): Promise<void> {
    const shown = await mapBounded(rows, ({ pk, sk }) => this.get(pk, sk));
    for (const [index, row] of rows.entries()) {
      const { pk, sk } = row;
      const rebuilt = bodyOf<object>(row);
      const found = shown[index];
      if (found === undefined) throw new Found({ kind: "missing", pk, sk, rebuilt });
      if (!sameJson(found, rebuilt)) throw new Found({ kind: "altered", pk, sk, rebuilt, shown: found });
      this.written.add(hashOf(row));
    }
  }

  async checkpoint(projection: string): Promise<Checkpoint> {
    if (projection === this.#name) return this.#place;
    // What it follows may be further than it is itself.
    const place = await this.#views.checkpoint(projection);
    return { ...place, next: Math.min(place.next, this.#shown.place.next) };
  }

  async advance(_projection: string, expected: Checkpoint, to: Checkpoint): Promise<boolean> {
    if (expected.next !== this.#place.next) return false;
    this.#place = to;
    return true;
  }
}

/** The log as it was when so many of its events had been applied. */
function logUpTo(log: LogReader, next: number): LogReader {
  return {
    async head() {
      const head = await log.head();
      return { ...head, size: Math.min(head.size, next), pointedThrough: Math.min(head.pointedThrough, next) };
    },
    segmentAt: (sequence) => log.segmentAt(sequence),
    sequenceOf: (id) => log.sequenceOf(id),
    tile: (index) => log.tile(index),
    subtrees: (level, index) => log.subtrees(level, index),
  };
}

/** Whether a row may be one that is being written right now, of an event behind the place. */
function isBehind(row: ViewRow, { next, recordedAt }: Checkpoint): boolean {
  const { recordedAt: madeAt } = bodyOf<{ recordedAt?: string }>(row);
  if (madeAt !== undefined) return recordedAt === null || madeAt > recordedAt;
  return /\d{12}$/.test(row.sk) && sequenceIn(row.sk) >= next;
}

/** A shown row of this build that the replay did not make, if there is one. */
async function extraRow(
  upkeep: Pick<ViewUpkeep, "scan">,
  prefix: string,
  name: string,
  { place, written }: { place: Checkpoint; written: ReadonlySet<number> },
): Promise<Difference | null> {
  for await (const rows of upkeep.scan()) {
    for (const row of rows) {
      if (!row.pk.startsWith(`${prefix}#`)) continue;
      const pk = `${name}${row.pk.slice(prefix.length)}`;
      if (written.has(hashOf({ pk, sk: row.sk })) || isBehind(row, place)) continue;
      return { kind: "extra", pk, sk: row.sk, shown: row.body };
    }
  }
  return null;
}

/**
 * Whether what is shown of a projection is what a replay of the log would show, row for row; else the first difference
 * in the order of the log. Writes nothing. Rows that are shown though nothing makes them are found at last.
 */
export async function checkView(
  projection: AnyProjection,
  deps: Omit<ProjectionDeps, "views"> & { views: ViewStore & Pick<ViewUpkeep, "scan"> },
): Promise<Checked> {
  const { views, log } = deps;
  const { name } = projection;
  const shown = await openView(views, name);
  const { place } = shown;
  const comparison = new Comparison(views, name, shown);
  const result = { name, through: place.next === 0 ? null : place.next - 1 };
  const count = () => comparison.written.size;
  try {
    await catchUp(projection, { ...deps, views: comparison, log: logUpTo(log, place.next) });
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    return { ...result, rowsCount: count(), difference: error.difference };
  }
  const { written } = comparison;
  const difference = await extraRow(views, buildName(name, place.build), name, { place, written });
  return { ...result, rowsCount: count(), difference };
}
