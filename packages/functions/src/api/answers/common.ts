import { EventId } from "@on-record/core/log/envelope";
import type { Through as ThroughShape } from "@on-record/core/queries/moment";
import { PrincipalId } from "@on-record/core/domain/ids";
import type { Tombstone as TombstoneShape } from "@on-record/core/domain/statement/erasure";
import { Instant } from "@on-record/core/domain/time";
import * as z from "zod";

/**
 * What the API answers, as schemas. Nothing is validated with them when it is sent: the description is made of them,
 * the client takes its types from them, and every answer of every test is held against them. They are closed: a field
 * that is not described fails.
 */

/** Given the shape that the code answers with, refuses to compile where the schema does not take all of it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it is given by hand, so that the other is inferred
export function taking<Shape>() {
  return <S extends z.ZodType>(schema: [Shape] extends [z.infer<S>] ? S : never): S => schema;
}

/** The place of an event or of a resource in its stream. */
export const Version = z.int().min(1);

/** A cursor, or an address's last part. */
export const Text = z.string();

export const Through = taking<ThroughShape>()(
  z.strictObject({ sequence: z.int().min(0).nullable(), recordedAt: Instant.nullable() }),
);

/** What an answer on the two time axes rests on. */
export const RestsOn = { asOf: Instant, knownAt: Instant, through: Through, final: z.boolean() };

/** The same where a moment was asked for; `through` is always there. */
export const MayRestOn = {
  asOf: Instant.optional(),
  knownAt: Instant.optional(),
  through: Through,
  final: z.boolean().optional(),
};

/** Who had a statement erased, when and why. */
export const Tombstone = taking<TombstoneShape>()(
  z.strictObject({ version: Version, by: PrincipalId, at: Instant, reason: Text, reference: Text.optional() }),
);

/** What an answer rests on that has one time axis, where a moment was asked for. */
export const MayBeKnown = {
  knownAt: Instant.optional(),
  through: Through.optional(),
  final: z.boolean().optional(),
};

/** An event's name and place. */
export const EventRef = z.strictObject({ id: EventId, version: Version });

/** What every command answers beside its resource. */
export const Outcome = { event: EventRef.nullable(), replayed: z.boolean(), unchanged: z.boolean() };
