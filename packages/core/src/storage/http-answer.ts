/** An answer that came whole. */
export interface HttpAnswer {
  status: number;
  body: string;
  /** Whether the connection may carry another request. */
  keepsOpen: boolean;
}

/** Why there is no answer: it goes beyond the bound, or is not one that this reads. */
export type NoAnswer = "too large" | "unreadable";

interface Head {
  status: number;
  keepsOpen: boolean;
  /** Where the body begins. */
  end: number;
  /** `undefined` for a body in chunks. */
  bodyBytes: number | undefined;
}

const HEAD_BYTES = 65_536;
const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/**
 * Reads one answer of HTTP/1.1 from its bytes as they come. It must say how long it is or come in chunks; what ends
 * with the connection cannot be told from what was cut off, and is not taken.
 */
export class AnswerReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #head: Head | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The answer, why there will be none, or `undefined` while there is more to come. */
  take(chunk: Buffer): HttpAnswer | NoAnswer | undefined {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) return "too large";
    if (this.#head === undefined) {
      const head = readHead(this.#joined());
      if (head === undefined || head === "unreadable") return head;
      this.#head = head;
    }
    return this.#bodyOf(this.#head);
  }

  #bodyOf({ status, keepsOpen, end, bodyBytes }: Head): HttpAnswer | NoAnswer | undefined {
    if (bodyBytes === undefined) {
      if (!this.#endsLike(LAST_CHUNK)) return undefined;
      const body = readChunks(this.#joined(), end);
      return typeof body === "object" ? { status, keepsOpen, body: body.toString() } : body;
    }
    if (this.#bytes < end + bodyBytes) return undefined;
    // What comes behind the answer is the answer to nothing.
    if (this.#bytes > end + bodyBytes) return "unreadable";
    return { status, keepsOpen, body: this.#joined().toString("utf8", end) };
  }

  #endsLike(text: string): boolean {
    const last = this.#chunks.at(-1);
    const bytes = last !== undefined && last.length < text.length ? this.#joined() : last;
    return bytes?.toString("latin1", bytes.length - text.length) === text;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

function readHead(bytes: Buffer): Head | "unreadable" | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return bytes.length > HEAD_BYTES ? "unreadable" : undefined;
  const text = bytes.toString("latin1", 0, end + 2);
  const status = Number(/^HTTP\/1\.1 ([2-5]\d\d)[ \r]/.exec(text)?.[1]);
  const length = /\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n/i.exec(text)?.[1];
  const coding = /\r\ntransfer-encoding:[ \t]*([^\r]*?)[ \t]*\r\n/i.exec(text)?.[1];
  if (Number.isNaN(status) || (length === undefined) === (coding === undefined)) return "unreadable";
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return "unreadable";
  return {
    status,
    keepsOpen: !/\r\nconnection:[ \t]*close[ \t]*\r\n/i.test(text),
    end: end + HEAD_END.length,
    bodyBytes: length === undefined ? undefined : Number(length),
  };
}

/** The body behind `from`; `undefined` where the last chunk is still to come. */
function readChunks(bytes: Buffer, from: number): Buffer | "unreadable" | undefined {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(/^([0-9a-f]{1,8})(?:;|$)/i.exec(bytes.toString("latin1", at, lineEnd))?.[1] ?? "", 16);
    if (Number.isNaN(size)) return "unreadable";
    const start = lineEnd + 2;
    if (size === 0) return start + 2 === bytes.length ? Buffer.concat(parts) : "unreadable";
    at = start + size + 2;
    if (at > bytes.length) return undefined;
    if (bytes.toString("latin1", at - 2, at) !== "\r\n") return "unreadable";
    parts.push(bytes.subarray(start, start + size));
  }
}
