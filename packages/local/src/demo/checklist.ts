import { inspect, isDeepStrictEqual } from "node:util";
import type { Page } from "./page.ts";

const SHOWN_CHARS = 600;

/** What must be so. Each claim is looked at when it is made, printed with what came of it, and counted. */
export class Checklist {
  readonly #page: Page;
  readonly #failed: string[] = [];
  #count = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The claims that do not hold, in the order in which they were made. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  get count(): number {
    return this.#count;
  }

  /** Claims that what was found is what is wanted, to the last field. */
  same(claim: string, found: unknown, wanted: unknown): void {
    const holds = isDeepStrictEqual(found, wanted);
    this.#note(claim, holds);
    if (holds) return;
    const show = (value: unknown) => inspect(value, { depth: 6, breakLength: Infinity }).slice(0, SHOWN_CHARS);
    this.#page.line(`      found   ${show(found)}`);
    this.#page.line(`      wanted  ${show(wanted)}`);
  }

  /** Counts what went wrong before it could be claimed. */
  broke(what: string): void {
    this.#note(what, false);
  }

  #note(claim: string, holds: boolean): void {
    this.#count += 1;
    if (!holds) this.#failed.push(claim);
    const mark = holds ? this.#page.style("green", "✓") : this.#page.style("red", "✗ NOT SO:");
    this.#page.paragraph(claim, "    ", `  ${mark} `);
  }
}
