import type { OnRecordClient } from "@on-record/client";
import { changesSoFar, recordedAtOf, type Position } from "./api.ts";
import type { Checklist } from "./checklist.ts";
import type { Page } from "./page.ts";
import { withSecondLedger } from "./start-second.ts";
import { announcementOf, standingOf, stepOf } from "./show.ts";
import { ACTORS, MONDAY, PROPOSITIONS, STATEMENTS, TROOPS, TRUMP, TUESDAY, ZONE } from "./story.ts";

/** What the ledger says, as known at a moment, of the position on ground troops. */
interface Known {
  monday: Position | undefined;
  tuesday: Position | undefined;
  steps: string[];
  final: boolean;
}

async function knownAt(api: OnRecordClient, moment: string): Promise<Known> {
  const on = async (day: string) => {
    const { positions, final } = await api.listPositionsOfActor(TRUMP, { asOf: day, zone: ZONE, knownAt: moment });
    return { position: positions.find(({ proposition }) => proposition === TROOPS), final };
  };
  const [monday, tuesday] = await Promise.all([on(MONDAY), on(TUESDAY)]);
  const { history, final } = await api.listHistory(TRUMP, TROOPS, { knownAt: moment });
  const isFinal = monday.final && tuesday.final && final;
  return { monday: monday.position, tuesday: tuesday.position, steps: history.map(stepOf), final: isFinal };
}

/** Records Tuesday's words first and Monday's afterwards, and gives what was known before and after. */
async function recordLate(api: OnRecordClient) {
  await api.putActor(TRUMP, ACTORS[TRUMP]);
  await api.putProposition(TROOPS, PROPOSITIONS[TROOPS]);
  const assurance = await api.recordStatement(STATEMENTS.assurance);
  const before = await changesSoFar(api, assurance.event?.id);
  const thatTime = await knownAt(api, await recordedAtOf(api, assurance.statement.id));

  const monday = await api.recordStatement(STATEMENTS.monday);
  const all = await changesSoFar(api, monday.event?.id);
  const lateAt = await recordedAtOf(api, monday.statement.id);
  const justBefore = new Date(Date.parse(lateAt) - 1).toISOString();
  const [onTuesday, onThursday] = [await knownAt(api, justBefore), await knownAt(api, lateAt)];
  return {
    thatTime,
    onTuesday,
    onThursday,
    justBefore,
    lateAt,
    announced: all.slice(before.length).map(announcementOf),
  };
}

/** What was known on Tuesday against Thursday, where Monday's words are recorded on Wednesday. */
export async function playLateRecord(folder: string, page: Page, checks: Checklist): Promise<void> {
  page.paragraph(
    "Another desk, on a second throwaway ledger, records Tuesday’s words first and Monday’s late. The ledger’s clock is real and cannot be set to 2025, so two moments play the days: “Tuesday” is the last millisecond before the late record, “Thursday” the moment at which it was in (knownAt).",
  );
  page.line();
  await withSecondLedger(folder, (api) => compare(api, page, checks));
}

async function compare(api: OnRecordClient, page: Page, checks: Checklist): Promise<void> {
  const { thatTime, onTuesday, onThursday, justBefore, lateAt, announced } = await recordLate(api);
  const column = ({ monday, tuesday, steps }: Known) => [standingOf(monday), standingOf(tuesday), steps.join("; ")];
  const [left, right] = [column(onTuesday), column(onThursday)];
  page.table([
    ["", page.style("bold", "known on “Tuesday”"), page.style("bold", "known on “Thursday”")],
    ["knownAt", justBefore, lateAt],
    ...["where he stood on Monday", "where he stood on Tuesday", "how that came about"].map((what, at) => [
      what,
      left[at] ?? "",
      right[at] ?? "",
    ]),
  ]);
  page.line();
  page.line("  What subscribers were told when the late record came in:");
  page.table(
    announced.map((line, at) => [`${at + 1}.`, line]),
    "    ",
  );
  page.line();

  checks.same("known on Tuesday: nothing on Monday; on Tuesday ruled out, his first word on it", left, [
    "–",
    "ruled_out (direct)",
    "first",
  ]);
  checks.same("known on Thursday: open on Monday; on Tuesday closed, a partial reversal", right, [
    "open (direct)",
    "ruled_out (direct)",
    "first; closed, reversal: partial",
  ]);
  checks.same("what is answered for “Tuesday” now is what was answered then", onTuesday, thatTime);
  checks.same(
    "both answers are final: asked again, they will be the same",
    [onTuesday.final, onThursday.final],
    [true, true],
  );
  checks.same(
    "the “first” of before is withdrawn and two changes go out, with cause late_record: the record moved, not the actor",
    announced,
    [
      "PositionChangeWithdrawn: first (late_record)",
      "PositionChanged: first (late_record)",
      "PositionChanged: closed, reversal: partial (late_record)",
    ],
  );
}
