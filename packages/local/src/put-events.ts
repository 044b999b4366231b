/**
 * What `PutEvents` accepts and refuses, as AWS answers.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { randomUUID } from "node:crypto";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "./invoke.ts";

/** EventBridge's envelope, as rules see it and targets receive it. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One entry's outcome: an event for one bus, or the error that is answered in its place. */
export type EntryOutcome =
  | { readonly busName: string; readonly event: BusEvent }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** A request that is refused whole, with status 400. `code` goes out as `__type`. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const MAX_ENTRIES = 10;
/** The documentation says "less than"; AWS takes exactly this much. */
const MAX_TOTAL_BYTES = 1024 * 1024;
const TIME_BYTES = 14;

/**
 * Reads a request's body.
 * @throws RequestRefused when the request as a whole is not acceptable.
 */
export function readPutEvents(body: string, now: number): EntryOutcome[] {
  const entries = entriesOf(body);
  const total = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (total > MAX_TOTAL_BYTES)
    throw new RequestRefused("ValidationException", "Total size of the entries in the request is over the limit.");
  return entries.map((entry) => readEntry(entry, now));
}

type Entry = Readonly<Record<string, unknown>>;

function entriesOf(body: string): Entry[] {
  const request = parseObject(body);
  if (request === undefined)
    throw new RequestRefused("SerializationException", "The request body is not a JSON object.");
  const entries: unknown = request["Entries"];
  if (entries === undefined || entries === null)
    throw invalid("Value null at 'entries' failed to satisfy constraint: Member must not be null");
  if (!Array.isArray(entries)) throw new RequestRefused("SerializationException", "Entries is not a list.");
  const list: readonly unknown[] = entries;
  if (list.length === 0)
    throw invalid(
      "Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (list.length > MAX_ENTRIES) {
    throw invalid(
      "Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
    );
  }
  return list.map((entry) => {
    if (!isObject(entry)) throw new RequestRefused("SerializationException", "An entry is not an object.");
    return entry;
  });
}

function invalid(what: string): RequestRefused {
  return new RequestRefused("ValidationException", `1 validation error detected: ${what}`);
}

function sizeOf(entry: Entry): number {
  const texts = [entry["Source"], entry["DetailType"], entry["Detail"], ...resourcesOf(entry)];
  const bytes = texts.reduce<number>((sum, text) => sum + (typeof text === "string" ? Buffer.byteLength(text) : 0), 0);
  return bytes + (entry["Time"] === undefined ? 0 : TIME_BYTES);
}

function readEntry(entry: Entry, now: number): EntryOutcome {
  const { Source: source, DetailType: detailType, Detail: detailText, EventBusName: busName } = entry;
  if (!isText(source)) return missing("Source");
  if (!isText(detailType)) return missing("DetailType");
  if (!isText(detailText)) return missing("Detail");
  if (source.startsWith("aws."))
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  const detail = parseObject(detailText);
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const event: BusEvent = {
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source,
    account: LOCAL_ACCOUNT,
    time: timeOf(entry, now),
    region: LOCAL_REGION,
    resources: resourcesOf(entry),
    detail,
  };
  return { busName: shortBusName(busName), event };
}

function missing(field: string): EntryOutcome {
  return {
    ErrorCode: "InvalidArgument",
    ErrorMessage: `Parameter ${field} is not valid. Reason: ${field} is a required argument.`,
  };
}

/** A bus may be named by its ARN; without a name it is the account's default one. */
export function shortBusName(name: unknown): string {
  return isText(name) ? name.replace(/^arn:.*:event-bus\//, "") : "default";
}

/** Whole seconds, as EventBridge gives them; the protocol sends seconds since 1970. */
function timeOf(entry: Entry, now: number): string {
  const time = entry["Time"];
  const date = new Date(typeof time === "number" ? time * 1000 : now);
  const usable = Number.isNaN(date.getTime()) ? new Date(now) : date;
  return `${usable.toISOString().slice(0, -5)}Z`;
}

function resourcesOf(entry: Entry): string[] {
  const resources = entry["Resources"];
  return Array.isArray(resources) ? resources.filter((resource) => typeof resource === "string") : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
