import type { Grade } from "@on-record/core/domain/change";
import type { DerivedEvent, HistoryItem, Position, StatementAnswer } from "./api.ts";
import type { Page } from "./page.ts";
import { ACTORS, ZONE, type StatementBody } from "./story.ts";
import { TABLE } from "./table.ts";

/** A day as a newsroom writes it: `Mon 18 Aug 2025`. */
export function dayOf(instant: string, zone: string = ZONE): string {
  const format = { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: zone } as const;
  return new Intl.DateTimeFormat("en-GB", format).format(new Date(instant)).replace(",", "");
}

export function nameOf(actor: string): string {
  const actors: Readonly<Record<string, { name: string }>> = ACTORS;
  return actors[actor]?.name ?? actor;
}

export function labelOf(proposition: string): string {
  return TABLE.find((row) => row.proposition === proposition)?.label ?? proposition;
}

/** `Karoline Leavitt, for Donald Trump`. */
export function voiceOf({ speaker, onBehalfOf }: Pick<StatementBody, "speaker" | "onBehalfOf">): string {
  return onBehalfOf === undefined ? nameOf(speaker) : `${nameOf(speaker)}, for ${nameOf(onBehalfOf)}`;
}

function graded({ change, reversal }: Grade): string {
  return reversal === "none" ? change : `${change}, reversal: ${reversal}`;
}

/** What a statement did to a position: `closed, reversal: partial`. */
export function stepOf({ outcome }: Pick<HistoryItem, "outcome">): string {
  if (outcome.kind === "noted") return `noted: ${outcome.why}`;
  if (outcome.kind === "provisional") return "provisional";
  return outcome.kind === "contested" ? `contested: ${graded(outcome)}` : graded(outcome);
}

/** What went out to subscribers: `PositionChanged: closed, reversal: partial (late_record)`. */
export function announcementOf(event: DerivedEvent): string {
  if (event.type !== "PositionChanged" && event.type !== "PositionChangeWithdrawn")
    return `${event.type} (${event.cause})`;
  return `${event.type}: ${graded(event)} (${event.cause})`;
}

/** A position in a table: `ruled_out, assertive (direct)`. */
export function standingOf(position: Position | undefined): string {
  if (position === undefined) return "–";
  const { stance, condition, force, basis, provisional } = position;
  const parts = [stance, force === "assertive" ? force : undefined, condition, provisional ? "provisional" : undefined];
  return `${parts.filter((part) => part !== undefined).join(", ")} (${basis.direct ? "direct" : "delegated"})`;
}

/** A statement as it stands on record. */
export function showStatement(page: Page, { statement }: StatementAnswer): void {
  const { id, text, saidAt, assessments, reports } = statement;
  page.line();
  page.line(
    `  ${page.style("bold", `${dayOf(saidAt.from, saidAt.zone)} · ${voiceOf(statement)}`)}   ${page.style("dim", id)}`,
  );
  const spans = assessments.flatMap(({ evidence }) => evidence ?? []);
  page.paragraph(page.marked(text, spans), "    ");
  const stances = assessments.map(({ proposition, stance, condition, force }) => {
    const terms = [force === "assertive" ? force : undefined, condition].filter((term) => term !== undefined);
    return [page.style("bold", stance), labelOf(proposition) + (terms.length > 0 ? ` – ${terms.join(", ")}` : "")];
  });
  page.table(stances, "    ");
  page.paragraph(`reported by ${reports.map(({ publisher }) => publisher).join(", ")}`, "    ");
}
