import { createReadStream } from "node:fs";
import { onFile } from "./files.ts";

/** One line of a file, without its end. */
export interface Line {
  /** From 1. */
  number: number;
  /** `null` for one that cannot be read. */
  text: string | null;
  /** Why not. */
  flaw?: string;
  /** Whether a line feed ended it: the last line of a file that was cut off has none. */
  ended: boolean;
}

const LINE_FEED = 0x0a;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A line as it is gathered, up to a bound: what is longer is not kept. */
class Gathered {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes) this.#parts.push(part);
    else this.#parts = [];
  }

  take(number: number, ended: boolean): Line {
    const [bytes, parts] = [this.#bytes, this.#parts];
    this.#bytes = 0;
    this.#parts = [];
    if (bytes > this.#maxBytes) return { number, text: null, flaw: `is longer than ${this.#maxBytes} bytes`, ended };
    try {
      return { number, text: decoder.decode(Buffer.concat(parts)), ended };
    } catch {
      return { number, text: null, flaw: "is not UTF-8", ended };
    }
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const chunks = createReadStream(path)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  try {
    for (;;) {
      const next = await onFile("read", path, () => chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** The lines of a file, one after the other, however long the file. */
export async function* linesOf(path: string, { maxBytes }: { maxBytes: number }): AsyncGenerator<Line> {
  const gathered = new Gathered(maxBytes);
  let number = 1;
  for await (const chunk of chunksOf(path)) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      gathered.add(chunk.subarray(from, end));
      yield gathered.take(number, true);
      number += 1;
      from = end + 1;
    }
    gathered.add(chunk.subarray(from));
  }
  if (!gathered.isEmpty) yield gathered.take(number, false);
}
