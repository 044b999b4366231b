import {
  DerivedEvent,
  PositionChanged,
  PositionChangeWithdrawn,
  PositionContested,
  PositionContestEnded,
  ReviewRequested,
} from "@on-record/core/projections/positions/derived";
import type { PreviewedChange as PreviewedShape } from "@on-record/core/queries/preview";
import type { ReviewItem as ReviewShape } from "@on-record/core/queries/review";
import { Instant } from "@on-record/core/domain/time";
import { LogEntry } from "@on-record/core/log/envelope";
import * as z from "zod";
import { MayRestOn, taking, Text, Through } from "./common.ts";

const PLACE = { id: true, number: true, sequence: true, recordedAt: true } as const;

/** What would be announced: without a place in the log. */
export const PreviewedChange = taking<PreviewedShape>()(
  z.discriminatedUnion("type", [
    PositionChanged.omit(PLACE),
    PositionChangeWithdrawn.omit(PLACE),
    PositionContested.omit(PLACE),
    PositionContestEnded.omit(PLACE),
    ReviewRequested.omit(PLACE),
  ]),
);

export const Changes = z.strictObject({ changes: z.array(DerivedEvent), next: Text, ...MayRestOn });

const ReviewItem = taking<ReviewShape>()(z.strictObject({ id: Text, requested: ReviewRequested }));
export const Review = z.strictObject({ review: z.array(ReviewItem), next: Text.optional(), through: Through });

export const Log = z.strictObject({
  entries: z.array(LogEntry),
  size: z.int().min(0),
  recordedAt: Instant.nullable(),
});
