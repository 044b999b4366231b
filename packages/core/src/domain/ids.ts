import * as z from "zod";
import { LIMITS } from "../limits.ts";

const slug = z
  .string()
  .max(LIMITS.idChars)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case words of letters and digits, joined by hyphens");

/** A person, office or organisation: a readable slug, such as `donald-trump`. */
export const ActorId = slug.brand<"ActorId">();
export type ActorId = z.infer<typeof ActorId>;

/** What a stance is about: a readable slug, such as `us-ground-troops-in-ukraine`. */
export const PropositionId = slug.brand<"PropositionId">();
export type PropositionId = z.infer<typeof PropositionId>;

/** One utterance: `st_` and 128 bits of a keyed hash in base32, so that it reveals nothing of the text. */
export const StatementId = z
  .string()
  .regex(/^st_[a-z2-7]{26}$/, "st_ and 26 base32 characters")
  .brand<"StatementId">();
export type StatementId = z.infer<typeof StatementId>;

/** One outlet's account of a statement: `rp_` and 80 bits of a keyed hash of statement and URL. */
export const ReportId = z
  .string()
  .regex(/^rp_[a-z2-7]{16}$/, "rp_ and 16 base32 characters")
  .brand<"ReportId">();
export type ReportId = z.infer<typeof ReportId>;

/** Who did it: stable when the token is rotated. */
export const PrincipalId = z
  .string()
  .max(LIMITS.idChars)
  .regex(/^[a-z0-9]+([-_.][a-z0-9]+)*$/)
  .brand<"PrincipalId">();
export type PrincipalId = z.infer<typeof PrincipalId>;
