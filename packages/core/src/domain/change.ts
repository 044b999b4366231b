import * as z from "zod";
import { scale, type Standing } from "./stance.ts";

/** How one position follows another. */
export const Change = z.enum(["first", "reversed", "closed", "opened", "leaned", "hardened", "softened", "reaffirmed"]);
export type Change = z.infer<typeof Change>;

/** How much of a turn a change is. */
export const Reversal = z.enum(["none", "partial", "full"]);
export type Reversal = z.infer<typeof Reversal>;

/** A change and how it is graded. `replacedCondition` asks for an editor's eye. */
export interface Grade {
  change: Change;
  reversal: Reversal;
  replacedCondition?: true;
}

/**
 * Names the step from one standing to the next: the first row of the table that matches.
 *
 * @param same whether the two conditions are one, where that is not for their words to say.
 */
export function grade(from: Standing | null, to: Standing, same = from?.condition === to.condition): Grade {
  if (from === null) return { change: "first", reversal: "none" };
  const a = scale(from.stance);
  const b = scale(to.stance);
  if (a * b < 0) return { change: "reversed", reversal: Math.abs(a) === 2 || Math.abs(b) === 2 ? "full" : "partial" };
  if (a === 0 && Math.abs(b) === 2) return { change: "closed", reversal: "partial" };
  if (a !== 0 && b === 0) return { change: "opened", reversal: Math.abs(a) === 2 ? "partial" : "none" };
  if (a === 0 && b !== 0) return { change: "leaned", reversal: "none" };
  if (Math.abs(b) > Math.abs(a)) return { change: "hardened", reversal: "none" };
  if (Math.abs(b) < Math.abs(a)) return { change: "softened", reversal: "partial" };
  return gradeConditions(from, to, { taken: a !== 0, same });
}

function gradeConditions(from: Standing, to: Standing, { taken, same }: { taken: boolean; same: boolean }): Grade {
  const had = from.condition !== undefined;
  const has = to.condition !== undefined;
  if (taken && had && !has) return { change: "hardened", reversal: "none" };
  if (taken && !had && has) return { change: "softened", reversal: "partial" };
  const replaced = had && has && !same;
  return { change: "reaffirmed", reversal: "none", ...(replaced && { replacedCondition: true as const }) };
}
