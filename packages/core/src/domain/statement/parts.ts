import * as z from "zod";
import { LIMITS } from "../../limits.ts";
import { PropositionId, ReportId } from "../ids.ts";
import { Condition, Force, Stance } from "../stance.ts";
import { MomentOrDate } from "../time.ts";
import { isPlainText, PLAIN_TEXT_MESSAGE, words } from "../words.ts";

/** The words as said: a direct quotation or the outlet's rendering. Offsets into it count UTF-16 units. */
export const StatementText = z
  .string()
  .min(1)
  .max(LIMITS.textChars)
  .refine((text) => text.trim() !== "", { message: "must hold words" })
  .refine(isPlainText, { message: PLAIN_TEXT_MESSAGE });

/** A BCP 47 language tag, such as `en` or `pt-BR`. */
export const Language = z
  .string()
  .max(LIMITS.languageChars)
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "a BCP 47 language tag, such as en or pt-BR");

/** Why an editor did it, for those who read the record later. */
export const Reason = words(LIMITS.reasonChars);

/** What a decision rests on: a law, an order, a case. */
export const Reference = words(LIMITS.referenceChars);

/** A web address, http or https. */
export const WebUrl = z
  .url({ protocol: /^https?$/ })
  .max(LIMITS.urlChars)
  .refine((url) => isPlainText(url) && !/\s/.test(url), { message: "must hold neither spaces nor control characters" });

/** Where in the statement's text the words stand that carry the stance: `start` inclusive, `end` exclusive. */
export const Evidence = z
  .strictObject({ start: z.int().min(0), end: z.int().min(1) })
  .refine((span) => span.start < span.end, { message: "end must lie after start", path: ["end"] });
export type Evidence = z.infer<typeof Evidence>;

/** Who or what read the stance out of the words. */
export const Basis = z.enum(["editor", "rule", "model"]);
export type Basis = z.infer<typeof Basis>;

/** The stance that a statement takes on one proposition. */
export const AssessmentInput = z.strictObject({
  proposition: PropositionId,
  stance: Stance,
  /** What the stance depends on, in words. */
  condition: Condition.optional(),
  force: Force.default("commissive"),
  basis: Basis.default("editor"),
  evidence: Evidence.optional(),
  /** The expression that told: "declined to rule out". */
  cue: words(LIMITS.cueChars).optional(),
  /** 0 to 1; below the ledger's threshold it counts for nothing until an editor confirms it. */
  confidence: z.number().min(0).max(1).default(1),
});
export type AssessmentInput = z.infer<typeof AssessmentInput>;

export const AssessmentInputs = z
  .array(AssessmentInput)
  .max(LIMITS.assessmentsPerRequestCount)
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, { proposition }] of list.entries()) {
      if (seen.has(proposition)) {
        context.addIssue({ code: "custom", path: [index, "proposition"], message: "one assessment a proposition" });
      }
      seen.add(proposition);
    }
  });

/**
 * The conditions of a statement's stream, each text by a number of its own: by the id of each assessment that has one,
 * and by the version of each event that says one was met.
 */
export const ConditionNumbers = z.record(z.string().regex(/^[1-9]\d*(\.\d+)?$/), z.int().min(1));
export type ConditionNumbers = z.infer<typeof ConditionNumbers>;

/** One outlet's account of a statement. */
export const ReportInput = z.strictObject({
  publisher: words(LIMITS.publisherChars),
  url: WebUrl,
  publishedAt: MomentOrDate.optional(),
  headline: words(LIMITS.headlineChars).optional(),
  /** A digest of the page as it was read, `sha256:` and 64 hex digits. */
  contentHash: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hex digits")
    .optional(),
});
export type ReportInput = z.infer<typeof ReportInput>;

/** A report with its id, as events keep it. */
export const Report = ReportInput.extend({ id: ReportId });
export type Report = z.infer<typeof Report>;

/** Publishers are counted without regard to letter case and spacing. */
export function publisherKey(publisher: string): string {
  return publisher.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
