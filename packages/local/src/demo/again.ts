import type { OnRecordClient } from "@on-record/client";
import { changesSoFar, type Outcome } from "./api.ts";
import type { Checklist } from "./checklist.ts";
import type { Page } from "./page.ts";
import type { Recorded } from "./record.ts";
import {
  ACTORS,
  MERGE_REASON,
  PROPOSITIONS,
  RECORDED_POST,
  REPORTED_POSTS,
  STATEMENTS,
  type StatementName,
} from "./story.ts";

/** Sends every request of the story once more, as a tool does that never saw the answers. */
export async function playAgain(api: OnRecordClient, page: Page, checks: Checklist, recorded: Recorded): Promise<void> {
  const before = { log: (await api.listLog()).size, changes: await changesSoFar(api) };
  const outcomes: Outcome[] = [];
  for (const [id, profile] of Object.entries(ACTORS)) outcomes.push(await api.putActor(id, profile));
  for (const [id, profile] of Object.entries(PROPOSITIONS)) outcomes.push(await api.putProposition(id, profile));

  const statements = [...Object.entries(STATEMENTS), ["post", RECORDED_POST.statement] as const];
  const names: string[] = [];
  for (const [name, statement] of statements) {
    const answer = await api.recordStatement(statement);
    outcomes.push(answer);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the list above
    const first = recorded[name as StatementName | "post"];
    if (answer.replayed && answer.statement.id === first.statement.id) names.push(name);
  }
  const { id } = recorded.briefing.statement;
  for (const { report } of REPORTED_POSTS) outcomes.push(await api.addReport(id, report));
  const body = { into: id, reason: MERGE_REASON };
  outcomes.push(await api.mergeStatement(recorded.post.statement.id, body));

  const after = { log: (await api.listLog()).size, changes: await changesSoFar(api) };
  const idle = outcomes.filter(({ replayed, unchanged }) => replayed || unchanged);
  page.line(`  ${outcomes.length} requests were sent again.`);
  page.line();
  page.table([
    ["", page.style("bold", "before"), page.style("bold", "after")],
    ["events in the log", String(before.log), String(after.log)],
    ["derived events", String(before.changes.length), String(after.changes.length)],
  ]);
  page.line();
  checks.same(
    `each of the ${statements.length} statements was answered as a replay, with the id it had`,
    names,
    statements.map(([name]) => name),
  );
  checks.same(`none of the ${outcomes.length} requests did anything`, idle.length, outcomes.length);
  checks.same("the log has the size it had", after.log, before.log);
  checks.same("no derived event is new, and none is gone", after.changes, before.changes);
}
