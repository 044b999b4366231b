import type { OnRecordClient } from "@on-record/client";
import { changesSoFar, type Outcome, type RecordedAnswer, type StatementAnswer } from "./api.ts";
import type { Checklist } from "./checklist.ts";
import type { Page } from "./page.ts";
import { announcementOf, nameOf, showStatement } from "./show.ts";
import {
  ACTORS,
  MERGE_REASON,
  PROPOSITIONS,
  RECORDED_POST,
  REPORTED_POSTS,
  STATEMENTS,
  type Post,
  type StatementBody,
  type StatementName,
} from "./story.ts";

const HINT_TRIES = 10;

/** The statements on record, by their names in the story. */
export type Recorded = Record<StatementName | "post", StatementAnswer>;

/** Names whom and what the story is about. */
export async function register(api: OnRecordClient, page: Page): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [id, profile] of Object.entries(ACTORS)) outcomes.push(await api.putActor(id, profile));
  for (const [id, profile] of Object.entries(PROPOSITIONS)) outcomes.push(await api.putProposition(id, profile));
  page.paragraph(`actors        ${Object.keys(ACTORS).map(nameOf).join(", ")}`, " ".repeat(16), "  ");
  const wordings = Object.values(PROPOSITIONS).map(({ wording }) => wording);
  wordings.forEach((wording, at) => page.line(`  ${(at === 0 ? "propositions" : "").padEnd(14)}${wording}`));
  return outcomes;
}

/** Records a statement, waits until the positions know of it, and shows it. */
export async function record(api: OnRecordClient, page: Page, name: StatementName): Promise<RecordedAnswer> {
  const answer = await api.recordStatement(STATEMENTS[name]);
  await changesSoFar(api, answer.event?.id);
  showStatement(page, answer);
  return answer;
}

function showPost(page: Page, publisher: string, { words, becomes }: Post): void {
  page.line();
  page.line(`  ${page.style("bold", publisher)}`);
  page.paragraph(words, "    ");
  page.paragraph(becomes, "      ", "    → ");
}

/** Records a statement. A hint that could not be had in time (`null`) is asked for again: the answer is a replay. */
async function recordWithHint(api: OnRecordClient, statement: StatementBody): Promise<RecordedAnswer> {
  let answer = await api.recordStatement(statement);
  for (let tries = 1; answer.similar === null && tries < HINT_TRIES; tries += 1)
    answer = await api.recordStatement(statement);
  return answer;
}

/** Three posts report the briefing: two become reports of it, one is recorded by itself and then merged into it. */
export async function takeInPosts(
  api: OnRecordClient,
  page: Page,
  checks: Checklist,
  briefing: StatementAnswer,
): Promise<StatementAnswer> {
  const { id, assessments } = briefing.statement;
  for (const post of REPORTED_POSTS) {
    await api.addReport(id, post.report);
    showPost(page, post.report.publisher, post);
  }
  const { statement } = RECORDED_POST;
  const post = await recordWithHint(api, statement);
  showPost(page, statement.report.publisher, RECORDED_POST);
  for (const like of post.similar ?? []) {
    page.paragraph(`similar: ${like.id}, ${nameOf(like.speaker)}: ${like.text}`, "        ", "      ");
  }
  const merged = await api.mergeStatement(post.statement.id, { into: id, reason: MERGE_REASON });
  const changes = await changesSoFar(api, merged.event?.id);
  page.paragraph(
    `an editor sees the hint and merges it into ${id}: its report moves there, its assessment ends`,
    "      ",
    "    → ",
  );
  page.line();

  checks.same(
    "the answer to the third post names the briefing as similar",
    post.similar?.map((like) => like.id),
    [id],
  );
  checks.same("the third post is merged into the briefing", merged.statement.merged?.into, id);
  checks.same(
    "until then it reaffirmed his position; with the merge that is withdrawn",
    changes.filter((event) => event.statement === post.statement.id).map(announcementOf),
    ["PositionChanged: reaffirmed (new_statement)", "PositionChangeWithdrawn: reaffirmed (retraction)"],
  );
  const now = await api.getStatement(id);
  const publishers = [STATEMENTS.briefing.report, ...REPORTED_POSTS.map(({ report }) => report)].map(
    (report) => report.publisher,
  );
  checks.same(
    "the first two are reports of the briefing",
    now.statement.reports.slice(0, publishers.length).map(({ publisher }) => publisher),
    publishers,
  );
  checks.same(
    "the posts’ opinion and hypothetical became nothing: the briefing’s assessments are what they were",
    now.statement.assessments,
    assessments,
  );
  return merged;
}
