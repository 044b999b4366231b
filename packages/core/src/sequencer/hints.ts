import * as z from "zod";
import { StreamName } from "../log/envelope.ts";

/** "Look at this stream": what a record of the Events table's stream says. `version` only helps with the order. */
export interface Hint {
  stream: StreamName;
  version: number;
}

const Keys = z.object({
  pk: z.object({ S: StreamName }),
  sk: z.object({ S: z.string().regex(/^(?!0{6})\d{6}$/) }),
});

const StreamRecord = z.object({ dynamodb: z.object({ Keys }) });

/** The hint in one DynamoDB stream record; `null` for anything that does not name an event. Never throws. */
export function hintOf(record: unknown): Hint | null {
  const read = StreamRecord.safeParse(record);
  if (!read.success) return null;
  const { pk, sk } = read.data.dynamodb.Keys;
  return { stream: pk.S, version: Number(sk.S) };
}

/**
 * The hints of a batch in its order. Records that name no event come back in `ignored`, to be reported:
 * failing on one would stop its shard, and whatever it hides is found by the recovery scan.
 */
export function hintsOf(records: readonly unknown[]): { hints: Hint[]; ignored: unknown[] } {
  const hints: Hint[] = [];
  const ignored: unknown[] = [];
  for (const record of records) {
    const hint = hintOf(record);
    if (hint === null) ignored.push(record);
    else hints.push(hint);
  }
  return { hints, ignored };
}
