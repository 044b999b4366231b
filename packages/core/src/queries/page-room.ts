import { LIMITS } from "../limits.ts";

/**
 * How much room a page has left. Lambda hands its answer over as JSON in which the body is a text: what counts is an
 * item's JSON as it stands within JSON, where a quote takes two bytes or four.
 */
export class PageRoom {
  #left: number = LIMITS.pageBytes;
  #isEmpty = true;

  /** Takes an item in, if it still fits. The first one always does: a page moves on. */
  take(item: object): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(item)));
    if (!this.#isEmpty && bytes > this.#left) return false;
    this.#left -= bytes;
    this.#isEmpty = false;
    return true;
  }
}
