import { saltedDigest } from "@on-record/core/log/digest";
import type { ExportLine } from "@on-record/core/log/export-line";
import { eventName, Found } from "./finding.ts";

/** An event of which something could not be checked. */
export interface Unchecked {
  sequence: number;
  event: string;
}

const TOMBSTONE = "StatementErased";

/** Whether what an event says is what its digest was taken of. */
export function digestHolds(digest: string, salt: string, data: unknown): boolean {
  try {
    return saltedDigest(salt, data) === digest;
  } catch {
    // What JSON cannot carry was never digested.
    return false;
  }
}

/** Checks what the log's tree says nothing of: each event's data, by its digest; and that who is erased has a tombstone. */
export class EventChecks {
  digests = 0;
  readonly erased: Unchecked[] = [];
  /** Events that are marked as erased, by stream, until the tombstone comes. */
  readonly #awaited = new Map<string, Unchecked>();

  /** Takes in an event whose entry was proved, in the order of the log. */
  add(line: ExportLine): void {
    const { entry, salt } = line;
    const { sequence, id } = entry;
    if (entry.type === TOMBSTONE) this.#awaited.delete(entry.stream);
    if (line.erased === true) {
      const unchecked = { sequence, event: id };
      this.erased.push(unchecked);
      if (!this.#awaited.has(entry.stream)) this.#awaited.set(entry.stream, unchecked);
      return;
    }
    if (salt === undefined || line.data === undefined) {
      throw new Found(
        "missing",
        `what ${eventName(sequence, id)} says is not there, and nothing says that it was erased`,
        { sequence, event: id },
      );
    }
    if (!digestHolds(entry.digest, salt, line.data)) {
      throw new Found(
        "altered",
        `what ${eventName(sequence, id)} says is not what was recorded: its digest does not match`,
        { sequence, event: id },
      );
    }
    this.digests += 1;
  }

  /** To be called at the end. */
  finish(): void {
    for (const { sequence, event } of this.#awaited.values()) {
      const message = `${eventName(sequence, event)} is marked as erased, but no ${TOMBSTONE} of its statement is in the log`;
      throw new Found("not_erased", message, { sequence, event });
    }
  }
}
