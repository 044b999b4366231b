import { CONFIDENCE_THRESHOLD } from "../../limits.ts";
import type { PropositionId } from "../ids.ts";
import type { Basis } from "./parts.ts";
import type { Assessment, Statement } from "./state.ts";

const RANK: Record<Basis, number> = { editor: 2, rule: 1, model: 0 };

/**
 * The assessment that counts for each proposition: the newest by an editor, else the newest by the
 * rules, else by a model. One below the confidence threshold counts for nothing; an editor confirms
 * it by assessing the statement anew.
 */
export function countingAssessments(statement: Statement): Map<PropositionId, Assessment> {
  const best = new Map<PropositionId, Assessment>();
  for (const assessment of statement.assessments) {
    if (assessment.confidence < CONFIDENCE_THRESHOLD) continue;
    const other = best.get(assessment.proposition);
    if (other === undefined || RANK[assessment.basis] >= RANK[other.basis]) {
      best.set(assessment.proposition, assessment);
    }
  }
  return best;
}

/** The newest assessment of each proposition that nothing confident stands in for: it waits for an editor. */
export function waitingAssessments(statement: Statement): Assessment[] {
  if (statement.assessments.every(({ confidence }) => confidence >= CONFIDENCE_THRESHOLD)) return [];
  const counting = countingAssessments(statement);
  const waiting = new Map<PropositionId, Assessment>();
  for (const assessment of statement.assessments) {
    if (assessment.confidence >= CONFIDENCE_THRESHOLD) continue;
    if (!counting.has(assessment.proposition)) waiting.set(assessment.proposition, assessment);
  }
  return [...waiting.values()];
}
