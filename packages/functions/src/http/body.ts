import { LedgerError, fieldError } from "@on-record/core/errors";
import { LIMITS } from "@on-record/core/limits";
import { flawOfStrings, flawOfText, flawOfValue, type JsonFlaw } from "./json-text.ts";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/**
 * A request's body as JSON. Throws `body_too_large`, `unsupported_media_type`, `malformed_json` and, for strings that
 * cannot be kept as they are, `invalid_request`.
 */
export async function readJson(request: Request): Promise<unknown> {
  const { text, value } = await readText(request, LIMITS.bodyBytes);
  refuse(flawOfStrings(text, value));
  return value;
}

/** As `readJson`, for a body of many parts: strings may be anything, as the caller looks at each part by itself. */
export async function readParts(request: Request, limitBytes: number): Promise<unknown> {
  return (await readText(request, limitBytes)).value;
}

/** Throws `invalid_request` for a part with a string that cannot be kept as it is. */
export function refuseUnfit(part: unknown): void {
  refuse(flawOfValue(part));
}

function refuse(unfit: JsonFlaw | null): void {
  if (unfit !== null) throw fieldError("invalid_request", unfit.path, unfit.message);
}

async function readText(request: Request, limitBytes: number): Promise<{ text: string; value: unknown }> {
  const bytes = await readBytes(request, limitBytes);
  const type = request.headers.get("content-type");
  if (bytes.length === 0) throw malformed("the body is empty");
  if (type === null || !JSON_TYPE.test(type)) {
    throw new LedgerError("unsupported_media_type", "send the body as application/json in UTF-8");
  }
  const coding = request.headers.get("content-encoding");
  if (coding !== null && coding.toLowerCase() !== "identity") {
    throw new LedgerError("unsupported_media_type", "send the body as it is, without a content coding");
  }
  const text = decode(bytes);
  const value = parse(text);
  const flaw = flawOfText(text);
  if (flaw !== null) throw new LedgerError("malformed_json", `the body ${flaw.message}`, { fields: [flaw] });
  return { text, value };
}

/** Reads no further than the limit: a body sent in chunks does not say how long it will be. */
async function readBytes(request: Request, limitBytes: number): Promise<Buffer> {
  const declared = request.headers.get("content-length");
  if (Number(declared) > limitBytes) throw tooLarge(limitBytes);
  if (declared !== null) {
    const bytes = Buffer.from(await request.arrayBuffer());
    if (bytes.length > limitBytes) throw tooLarge(limitBytes);
    return bytes;
  }
  const body: ReadableStream<Uint8Array> | null = request.body;
  if (body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Without `stream` it keeps nothing from one text to the next; making one costs more than decoding. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw malformed("the body is not UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8's message quotes the text around the fault: that is the caller's own, and stays out of the log.
    throw malformed(error instanceof Error ? error.message : "the body is not JSON");
  }
}

function malformed(message: string): LedgerError {
  return new LedgerError("malformed_json", message);
}

function tooLarge(limitBytes: number): LedgerError {
  return new LedgerError("body_too_large", `the body is larger than ${limitBytes} bytes`, { details: { limitBytes } });
}
