/** What the ledger must show of the story. */
import type { Force, Stance } from "@on-record/core/domain/stance";
import { AIR, CRIMEA, NATO, TROOPS, type StatementName } from "./story.ts";

/** What the ledger must show of one position. */
export interface Row {
  proposition: string;
  /** As it is commonly called. */
  label: string;
  monday: Stance | null;
  tuesday: { stance: Stance; force: Force; basis: StatementName; direct: boolean };
  /** How it came about, step by step: the statement, what it did, and whether others spoke for the actor. */
  steps: readonly { statement: StatementName; did: string; voice: "direct" | "delegated" }[];
}

export const TABLE: readonly Row[] = [
  {
    proposition: TROOPS,
    label: "U.S. troops on the ground in Ukraine",
    monday: "open",
    tuesday: { stance: "ruled_out", force: "commissive", basis: "assurance", direct: true },
    steps: [
      { statement: "monday", did: "first", voice: "direct" },
      { statement: "assurance", did: "closed, reversal: partial", voice: "direct" },
      { statement: "briefing", did: "reaffirmed", voice: "delegated" },
    ],
  },
  {
    proposition: AIR,
    label: "U.S. air support for a European force",
    monday: null,
    tuesday: { stance: "leaning_for", force: "commissive", basis: "fromTheAir", direct: true },
    steps: [
      { statement: "fromTheAir", did: "first", voice: "direct" },
      { statement: "briefing", did: "noted: weaker", voice: "delegated" },
    ],
  },
  {
    proposition: NATO,
    label: "Ukraine joins NATO",
    monday: null,
    tuesday: { stance: "ruled_out", force: "assertive", basis: "impossible", direct: true },
    steps: [{ statement: "impossible", did: "first", voice: "direct" }],
  },
  {
    proposition: CRIMEA,
    label: "Crimea returns to Ukraine",
    monday: null,
    tuesday: { stance: "ruled_out", force: "assertive", basis: "impossible", direct: true },
    steps: [{ statement: "impossible", did: "first", voice: "direct" }],
  },
];
