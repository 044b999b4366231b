import type { OnRecordClient } from "@on-record/client";
import { changesSoFar, type DerivedEvent, type StatementAnswer } from "./api.ts";
import type { Checklist } from "./checklist.ts";
import type { Page } from "./page.ts";
import { dayOf, labelOf, nameOf, voiceOf } from "./show.ts";
import { TROOPS, TRUMP } from "./story.ts";
import { REVERSALS, type Subscriber } from "./subscriber.ts";

type Changed = Extract<DerivedEvent, { type: "PositionChanged" }>;

/** What an alert bot makes of a change: it carries both statements' ids, and their words are asked for. */
async function showAlert(
  api: OnRecordClient,
  page: Page,
  { actor, proposition, change, reversal, cause, id, ...alert }: Changed,
): Promise<void> {
  const bar = page.style("yellow", "│");
  const from = alert.previous?.stance ?? "no position";
  page.line(`  ${page.style("yellow", `┌ ALERT · ${reversal} reversal`)}`);
  page.line(
    `  ${bar} ${page.style("bold", `${nameOf(actor)} on ${labelOf(proposition)}: ${from} → ${alert.current.stance}`)}`,
  );
  const ids = [alert.previous?.statement, alert.current.statement].filter((each) => each !== undefined);
  for (const { statement } of await Promise.all(ids.map((each) => api.getStatement(each)))) {
    const spans = statement.assessments.filter((each) => each.proposition === proposition);
    const words = page.marked(
      statement.text,
      spans.flatMap(({ evidence }) => evidence ?? []),
    );
    const head = `${dayOf(statement.saidAt.from)} · ${voiceOf(statement)}: `;
    page.paragraph(head + words, `  ${bar}   `, `  ${bar} `);
  }
  page.line(
    `  ${page.style("yellow", "└")} ${page.style("dim", `${change}, reversal: ${reversal}, cause: ${cause}, ${id}`)}`,
  );
}

/** Waits for the alert that Tuesday's words are to cause, and shows it as it came over the bus. */
export async function playAlert(
  api: OnRecordClient,
  page: Page,
  checks: Checklist,
  alerts: Subscriber,
  [monday, assurance]: readonly [StatementAnswer, StatementAnswer],
): Promise<void> {
  const announced = (await changesSoFar(api)).filter((event) => "reversal" in event && event.reversal !== "none");
  await alerts.waitFor(announced.map(({ id }) => id));
  const received = [...alerts.received.values()].filter((event) => event.type === "PositionChanged");
  page.paragraph(`A subscriber’s rule on the bus: ${JSON.stringify(REVERSALS)}`, "  ");
  page.line();
  for (const alert of received) await showAlert(api, page, alert);
  page.line();
  checks.same(
    "the alert is the partial reversal, with both statements",
    received.map((alert) => [
      alert.actor,
      alert.proposition,
      alert.change,
      alert.reversal,
      alert.cause,
      alert.previous?.statement,
      alert.current.statement,
    ]),
    [[TRUMP, TROOPS, "closed", "partial", "new_statement", monday.statement.id, assurance.statement.id]],
  );
}

/** Whether the bus brought everything that was announced, and of it to the alert bot one reversal, once. */
export async function checkDeliveries(
  api: OnRecordClient,
  checks: Checklist,
  alerts: Subscriber,
  everything: Subscriber,
): Promise<void> {
  const announced = (await changesSoFar(api)).map(({ id }) => id);
  await everything.waitFor(announced);
  const sorted = [...everything.received.keys()].toSorted();
  checks.same(
    `the bus brought every one of the ${announced.length} derived events that the ledger lists, and no other`,
    sorted,
    announced.toSorted(),
  );
  const repeats = alerts.deliveries - alerts.received.size;
  const how = repeats === 0 ? "delivered once" : `delivered ${alerts.deliveries} times, repeated ids ignored`;
  checks.same(`to the alert bot it brought one reversal (${how})`, alerts.received.size, 1);
}
