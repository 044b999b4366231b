import type { ExportLine } from "@on-record/core/log/export-line";
import { Failure } from "../io.ts";

const TOMBSTONE = "StatementErased";

/**
 * Sees to it that an export is of one moment, as far as erasure goes: words that a tombstone took away are not in it, and
 * what has no words has its tombstone. Between a tombstone and the words' going a moment passes.
 */
export class Erasures {
  count = 0;
  /** Statements whose words went by. */
  readonly #shown = new Set<string>();
  /** Statements whose words are gone, or are to go, while the export says otherwise. */
  readonly #halfway = new Set<string>();

  add({ entry, erased }: ExportLine): void {
    const { stream, type } = entry;
    if (!stream.startsWith("statement/")) return;
    if (erased === true) {
      this.count += 1;
      this.#halfway.add(stream);
    } else if (type !== TOMBSTONE) this.#shown.add(stream);
    else if (this.#shown.has(stream)) this.#halfway.add(stream);
    else this.#halfway.delete(stream);
  }

  /** To be called at the end. */
  finish(): void {
    const [stream] = this.#halfway;
    if (stream === undefined) return;
    throw new Failure(`${stream} is being erased right now: export again in a moment`);
  }
}
