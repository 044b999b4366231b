import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { Instant } from "@on-record/core/domain/time";
import { Envelope, EventId } from "@on-record/core/log/envelope";
import * as z from "zod";
import { Outcome, Through, Version } from "./common.ts";
import { PreviewedChange } from "./changes.ts";
import { Position } from "./positions.ts";

const PLACE = { sequence: z.int().min(0).optional(), recordedAt: Instant.optional() };

/** An event with its envelope; its place in the log is there once it has entered it. */
export function asStored<T extends z.ZodLiteral, D extends z.ZodType>({
  shape: { type, data },
}: z.ZodObject<{ type: T; data: D }>) {
  return z.strictObject({ ...Envelope.shape, ...PLACE, type, data });
}

/** The same of an event that says nothing any more. */
export function asErased<T extends z.ZodType>(type: T) {
  return z.strictObject({ ...Envelope.shape, ...PLACE, type, erased: z.literal(true) });
}

/** An event that was not appended. */
export function wouldRecord<T extends z.ZodLiteral, D extends z.ZodType>({
  shape: { type, data },
}: z.ZodObject<{ type: T; data: D }>) {
  return z.strictObject({ id: EventId, version: Version, type, data });
}

/** What a dry run shows beside the resource; `event` is there where an earlier request was met. */
export function rehearsalOf<R extends z.ZodRawShape, E extends z.ZodType>(resource: R, event: E) {
  return z.strictObject({
    ...resource,
    dryRun: z.literal(true),
    wouldRecord: event.nullable(),
    ...Outcome,
    changes: z.array(PreviewedChange),
    positions: z.array(
      z.strictObject({
        actor: ActorId,
        proposition: PropositionId,
        before: Position.nullable(),
        after: Position.nullable(),
      }),
    ),
    through: Through,
  });
}
