import type { OnRecordClient } from "@on-record/client";
import type { HistoryItem, Position } from "./api.ts";
import type { Checklist } from "./checklist.ts";
import type { Page } from "./page.ts";
import type { Recorded } from "./record.ts";
import { labelOf, nameOf, standingOf, stepOf } from "./show.ts";
import { ACTORS, EUROPEANS, MONDAY, TRUMP, TUESDAY, ZONE } from "./story.ts";
import { TABLE, type Row } from "./table.ts";

/** Where he stood at the end of each day. */
export interface Days {
  monday: Position[];
  tuesday: Position[];
}

function showDay(page: Page, title: string, positions: readonly Position[]): void {
  page.line();
  page.line(`  ${page.style("bold", title)}`);
  const rows = positions.map((position) => {
    const { text = "", evidence } = position.basis;
    const { start, end } = evidence ?? { start: 0, end: text.length };
    return [labelOf(position.proposition), standingOf(position), text.slice(start, end)];
  });
  page.table(rows);
}

/** In the order of the story; the ledger lists them by proposition. */
function inOrder(positions: readonly Position[]): Position[] {
  const place = ({ proposition }: Position) => TABLE.findIndex((row) => row.proposition === proposition);
  return positions.toSorted((a, b) => place(a) - place(b));
}

export async function playPositions(
  api: OnRecordClient,
  page: Page,
  checks: Checklist,
  recorded: Recorded,
): Promise<Days> {
  const on = async (day: string) => (await api.listPositionsOfActor(TRUMP, { asOf: day, zone: ZONE })).positions;
  const days = { monday: inOrder(await on(MONDAY)), tuesday: inOrder(await on(TUESDAY)) };
  page.line(`  GET /v1/actors/${TRUMP}/positions?asOf=${MONDAY}&zone=${ZONE}, and the same with asOf=${TUESDAY}`);
  showDay(page, "Monday 18 August 2025, at the end of the day in Washington", days.monday);
  showDay(page, "Tuesday 19 August 2025", days.tuesday);
  page.line();
  checks.same(
    "on Monday he had one position",
    days.monday.length,
    TABLE.filter(({ monday }) => monday !== null).length,
  );
  checks.same("on Tuesday he had four", days.tuesday.length, TABLE.length);
  for (const row of TABLE) checkRow(checks, row, days, recorded);
  return days;
}

function checkRow(
  checks: Checklist,
  { proposition, label, monday, tuesday }: Row,
  days: Days,
  recorded: Recorded,
): void {
  const find = (positions: readonly Position[]) => positions.find((position) => position.proposition === proposition);
  const found = find(days.tuesday);
  const words = `${label}: ${monday ?? "no position"}, then ${tuesday.stance}, ${tuesday.force}, in his own words`;
  const then = found && [
    found.stance,
    found.force,
    found.basis.direct,
    found.basis.statement,
    found.provisional,
    found.contests,
  ];
  const wanted = [tuesday.stance, tuesday.force, tuesday.direct, recorded[tuesday.basis].statement.id, false, []];
  checks.same(words, [find(days.monday)?.stance ?? null, then], [monday, wanted]);
}

/** What the words gave to nobody: those he spoke of, and her who spoke for him, have no position of their own. */
export async function checkOthers(api: OnRecordClient, checks: Checklist): Promise<void> {
  const held = async (actor: string) => (await api.listPositionsOfActor(actor)).positions.length;
  const counts = await Promise.all(EUROPEANS.map(held));
  checks.same(
    `${EUROPEANS.map(nameOf).join(", ")}: no position, as his words about them are not theirs`,
    counts,
    [0, 0, 0],
  );
  checks.same("Karoline Leavitt: no position of her own, as she spoke for him", await held("karoline-leavitt"), 0);
  const holders = await Promise.all(
    TABLE.map(async ({ proposition }) => (await api.listPositionsOnProposition(proposition)).positions),
  );
  const actors = new Set(holders.flat().map(({ actor }) => actor));
  checks.same(
    `of ${Object.keys(ACTORS).length} actors one has positions; no poster is among them`,
    [...actors],
    [TRUMP],
  );
}

/** The story in one table, from what the ledger answers. */
export async function playTable(
  api: OnRecordClient,
  page: Page,
  checks: Checklist,
  days: Days,
  recorded: Recorded,
): Promise<void> {
  const histories = await Promise.all(
    TABLE.map(async ({ proposition }) => (await api.listHistory(TRUMP, proposition)).history),
  );
  const find = (positions: readonly Position[], { proposition }: Row) =>
    positions.find((position) => position.proposition === proposition);
  const said = ({ voice, ...item }: HistoryItem) => stepOf(item) + (voice === "delegated" ? " (delegated)" : "");
  const heads = ["actor", "proposition", "on Mon", "on Tue", "changes"].map((head) => page.style("bold", head));
  const rows = TABLE.map((row, at) => {
    const changes = (histories[at] ?? []).map(said).join("\n");
    const tuesday = standingOf(find(days.tuesday, row)).replace(" (", "\n(");
    return [nameOf(TRUMP), row.label, find(days.monday, row)?.stance ?? "–", tuesday, changes];
  });
  page.table([heads, ...rows]);
  page.line();
  for (const [at, { label, steps }] of TABLE.entries()) {
    const found = (histories[at] ?? []).map(({ statement, voice, ...item }) => ({
      statement,
      did: stepOf(item),
      voice,
    }));
    const wanted = steps.map(({ statement, did, voice }) => ({
      statement: recorded[statement].statement.id,
      did,
      voice,
    }));
    checks.same(`${label}: ${steps.map(({ did }) => did).join("; ")}`, found, wanted);
  }
}
