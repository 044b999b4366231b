import { LogEntry } from "@on-record/core/log/envelope";
import * as z from "zod";
import { EventRef, Text } from "./common.ts";

/** A checkpoint of the log: a signed note, to the letter. */
export const Note = z.string();

/** What is no text. */
export const Octets = z.instanceof(Uint8Array);

export const LogKeys = z.strictObject({ origin: Text, keys: z.array(Text) });

const ProvedEvent = z.strictObject({
  entry: LogEntry,
  inclusion: z.array(Text),
  salt: Text.optional(),
  data: z.unknown().optional(),
  proof: Text,
});

/** What shows that a statement's events are in the log, and unaltered. */
export const StatementProof = z.strictObject({
  origin: Text,
  size: z.int().min(0),
  checkpoint: Note.nullable(),
  events: z.array(ProvedEvent),
  pending: z.array(EventRef),
});
