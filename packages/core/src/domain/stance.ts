import * as z from "zod";
import { LIMITS } from "../limits.ts";
import { words } from "./words.ts";

/** The five places on the scale, strongest support first, and the two that never move a position. */
export const Stance = z.enum([
  "committed",
  "leaning_for",
  "open",
  "leaning_against",
  "ruled_out",
  "no_comment",
  "unclear",
]);
export type Stance = z.infer<typeof Stance>;

/** A stance that takes a place on the scale. */
export type PlacedStance = Exclude<Stance, "no_comment" | "unclear">;

const SCALE: Record<PlacedStance, number> = {
  committed: 2,
  leaning_for: 1,
  open: 0,
  leaning_against: -1,
  ruled_out: -2,
};

/** The stance's value, −2 to +2. */
export function scale(stance: PlacedStance): number {
  return SCALE[stance];
}

/** Whether the stance takes a place on the scale. */
export function isPlaced(stance: Stance): stance is PlacedStance {
  return stance in SCALE;
}

/** `commissive`: the actor binds itself ("we will not send"). `assertive`: it says how the world is ("impossible"). */
export const Force = z.enum(["commissive", "assertive"]);
export type Force = z.infer<typeof Force>;

/** What a stance depends on, in words: "if a peace deal is signed". */
export const Condition = words(LIMITS.conditionChars);

/** What a position says: the stance and what it depends on. */
export interface Standing {
  stance: PlacedStance;
  condition?: string | undefined;
}
