import { createHash } from "node:crypto";
import { Change, Reversal } from "../../domain/change.ts";
import { Cause, DerivedEvent, ReviewReason } from "../positions/derived.ts";

/**
 * What the index knows of a derived event: its place, and its facts in a few letters. The events themselves never
 * change, and so no posting is ever stale.
 */
export interface ChangePosting {
  sequence: number;
  /** Tells the derived events of one sequence number apart. */
  ordinal: number;
  /** A letter each: type, change (or the reason of a review), reversal, cause; `-` where it has none. */
  kind: string;
  /** Codes of the actor and the proposition; empty in lists where nobody asks for them. */
  actor: string;
  proposition: string;
}

const TYPES = DerivedEvent.options.map((option) => option.shape.type.value);
const NONE = "-";

/** New values stand last in their lists, and so the letters keep their meaning. */
function letterOf<T>(first: "a" | "A", values: readonly T[], value: T | undefined): string {
  if (value === undefined) return NONE;
  return String.fromCharCode(first.charCodeAt(0) + values.indexOf(value));
}

/** Facts as they can be asked for. */
export interface ChangeFacts {
  type?: DerivedEvent["type"] | undefined;
  change?: Change | undefined;
  reason?: ReviewReason | undefined;
  reversal?: Reversal | undefined;
  cause?: Cause | undefined;
}

/** The letters of some facts, in the order of a posting's `kind`. A reason is told from a change by its capital. */
export function lettersOf({ type, change, reason, reversal, cause }: ChangeFacts): [string, string, string, string] {
  return [
    letterOf("a", TYPES, type),
    reason === undefined ? letterOf("a", Change.options, change) : letterOf("A", ReviewReason.options, reason),
    letterOf("a", Reversal.options, reversal),
    letterOf("a", Cause.options, cause),
  ];
}

const CODE_CHARS = 3;

/** An id in 18 bits. Two that share a code only cost a look at an event that is then left out. */
export function idCode(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, CODE_CHARS);
}

export function changePostingOf(event: DerivedEvent, ordinal: number): ChangePosting {
  return {
    sequence: event.sequence,
    ordinal,
    kind: lettersOf(event).join(""),
    actor: idCode(event.actor),
    proposition: idCode(event.proposition),
  };
}

const RADIX = 36;
const KIND_CHARS = 4;

/** Postings as one text, about a dozen bytes each: places count from `first`. */
export function encodeChanges(postings: readonly ChangePosting[], first: number): string {
  return postings
    .map(({ sequence, ordinal, kind, actor, proposition }) => {
      const place = (sequence - first).toString(RADIX);
      return `${place}${ordinal === 0 ? "" : `.${ordinal.toString(RADIX)}`}:${kind}${actor}${proposition}`;
    })
    .join(" ");
}

export function decodeChanges(text: string, first: number): ChangePosting[] {
  if (text === "") return [];
  return text.split(" ").map((posting) => {
    const [place = "", facts = ""] = posting.split(":");
    const [sequence = "", ordinal = "0"] = place.split(".");
    const actor = facts.slice(KIND_CHARS, KIND_CHARS + CODE_CHARS);
    return {
      sequence: first + Number.parseInt(sequence, RADIX),
      ordinal: Number.parseInt(ordinal, RADIX),
      kind: facts.slice(0, KIND_CHARS),
      actor,
      proposition: facts.slice(KIND_CHARS + CODE_CHARS),
    };
  });
}
