import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";

/** The ledger's data, inside its folder. */
export const DATABASE_FILE = "ledger.db";
/** The engine's pid, so that a new parent can find one that outlived its old parent. */
export const PID_FILE = "engine.pid";

/** As on AWS: a stream record may be gone after a day. */
const STREAM_RECORD_LIFE_SECONDS = 24 * 60 * 60;
/** SQLite runs on the event loop here, so one round of pruning is bounded; the next one goes on. */
const MAX_PRUNED_PER_ROUND = 20_000;
const NEEDED_COLUMNS = ["id", "table_name", "sequence_number", "created_at"];

/** What a round of care for the stream records did. */
export interface StreamCare {
  /** Whether the index is there: `false` while the engine has not made its schema yet. */
  readonly indexed: boolean;
  readonly pruned: number;
}

/**
 * Keeps the cost of the engine's streams flat: makes the index that its queries need (without it each write and each
 * poll scans all records ever written) and removes records older than a day. Each table keeps its newest record, for
 * the engine takes the next sequence number from it.
 *
 * Call it only with the engine stopped and the folder locked: it writes to the engine's own file.
 */
export function careForStreams(folder: string, nowSeconds = Date.now() / 1000): StreamCare {
  const path = join(folder, DATABASE_FILE);
  if (!existsSync(path)) return { indexed: false, pruned: 0 };
  // node-sqlite3-wasm locks by a directory, which a killed process leaves behind; the folder's lock says it is stale.
  rmSync(`${path}.lock`, { recursive: true, force: true });
  const db = new sqlite.Database(path);
  try {
    // First of all: this build has no shared memory, so it opens a WAL database only when it is alone.
    db.exec("PRAGMA locking_mode=EXCLUSIVE");
    const columns = db.all("SELECT name FROM pragma_table_info('_stream_records')").map((row) => row["name"]);
    if (!NEEDED_COLUMNS.every((column) => columns.includes(column))) return { indexed: false, pruned: 0 };
    db.exec("CREATE INDEX IF NOT EXISTS x_stream_seq ON _stream_records(table_name, CAST(sequence_number AS INTEGER))");
    return { indexed: true, pruned: prune(db, Math.floor(nowSeconds) - STREAM_RECORD_LIFE_SECONDS) };
  } finally {
    db.close();
  }
}

function prune(db: sqlite.Database, before: number): number {
  // Ids rise with time, so only the old prefix is read, never the whole day's records.
  const { changes } = db.run(
    `DELETE FROM _stream_records
      WHERE id IN (SELECT id FROM _stream_records WHERE id < ? ORDER BY id LIMIT ?)
        AND id NOT IN (
          SELECT (SELECT id FROM _stream_records AS r WHERE r.table_name = t.table_name
                   ORDER BY CAST(r.sequence_number AS INTEGER) DESC LIMIT 1) AS newest
            FROM _tables AS t WHERE newest IS NOT NULL)`,
    [firstIdNotBefore(db, before), MAX_PRUNED_PER_ROUND],
  );
  return changes;
}

function firstIdNotBefore(db: sqlite.Database, seconds: number): number {
  const row = db.get("SELECT id FROM _stream_records WHERE created_at >= ? ORDER BY id LIMIT 1", [seconds]);
  const id = row?.["id"];
  return typeof id === "number" ? id : Number.MAX_SAFE_INTEGER;
}
