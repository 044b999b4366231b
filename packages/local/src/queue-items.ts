import type { LocalItem, LocalKey } from "./local-table.ts";

/** A message that was received and is hidden from others until its visibility timeout ends. */
export interface QueueMessage {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  /** Times in milliseconds since 1970. */
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  /** How often it was received, this time included. */
  readonly receives: number;
  /** Its item as claimed: stale once the claim has expired and someone else has taken it. */
  readonly item: LocalItem;
}

/** A message that was given up, or a stream record that grew too old. */
export interface DeadLetter {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  /** The last error. */
  readonly reason: string;
  readonly receives: number;
  readonly sentAt: number;
  readonly buriedAt: number;
}

export interface ReceiveOptions {
  readonly max: number;
  readonly visibilityMs: number;
  /** A message that was received this often already goes to the dead letters instead. */
  readonly maxReceives: number;
}

export interface Received {
  readonly messages: readonly QueueMessage[];
  /** When the next hidden message may be received; undefined when none waits or more are due now. */
  readonly nextVisibleAt: number | undefined;
}

/** The partition that names every queue that ever had a dead letter. */
export const DEAD_QUEUES = "dead-queues";

export const queueKey = (queue: string): string => `queue#${queue}`;
export const deadKey = (queue: string): string => `dead#${queue}`;
const partsKey = (bodyId: string): string => `body#${bodyId}`;

/**
 * The sort key is the time at which the message may be received, then its place in the order of sending: what is due
 * is one short query, however many wait for a retry.
 */
export function messageKey(queue: string, visibleAt: number, order: string): LocalKey {
  return { pk: queueKey(queue), sk: `${padTime(visibleAt)}#${order}` };
}

export function keyOf({ pk, sk }: LocalItem): LocalKey {
  return { pk, sk };
}

export function visibleAt(item: LocalItem): number {
  return Number(item.sk.slice(0, TIME_DIGITS));
}

const TIME_DIGITS = 15;
export function padTime(ms: number): string {
  return String(Math.ceil(ms)).padStart(TIME_DIGITS, "0");
}

export function text(item: LocalItem, name: string): string {
  return String(item[name] ?? "");
}

export function number(item: LocalItem, name: string): number {
  return Number(item[name] ?? 0);
}

/** Bodies above this are kept beside the message: an item holds 400 KB, a message up to 1 MB. */
const MAX_INLINE_BYTES = 64 * 1024;
/** At most three bytes each in UTF-8. */
const PART_CHARS = 100_000;

/** The attributes that hold a body, and the items to write before the message that refers to them. */
export function packBody(
  bodyId: string,
  body: string,
): { attributes: Record<string, string | number>; parts: LocalItem[] } {
  if (Buffer.byteLength(body) <= MAX_INLINE_BYTES) return { attributes: { body }, parts: [] };
  const parts: LocalItem[] = [];
  for (let start = 0; start < body.length;) {
    let end = Math.min(start + PART_CHARS, body.length);
    // Half a surrogate pair does not survive UTF-8.
    if (end < body.length && /[\uD800-\uDBFF]/.test(body.charAt(end - 1))) end -= 1;
    parts.push({ ...partKey(bodyId, parts.length), body: body.slice(start, end) });
    start = end;
  }
  return { attributes: { bodyId, parts: parts.length }, parts };
}

export function partKeys(item: LocalItem): LocalKey[] {
  return Array.from({ length: number(item, "parts") }, (_, index) => partKey(text(item, "bodyId"), index));
}

function partKey(bodyId: string, index: number): LocalKey {
  return { pk: partsKey(bodyId), sk: String(index).padStart(4, "0") };
}

/** Where the parts of an item's body are, if it has any. */
export function partsOf(item: LocalItem): { pk: string; count: number } | undefined {
  const count = number(item, "parts");
  return count === 0 ? undefined : { pk: partsKey(text(item, "bodyId")), count };
}
