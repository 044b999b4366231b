import { createClient } from "@on-record/client";
import { playAgain } from "./again.ts";
import { checkDeliveries, playAlert } from "./alert.ts";
import { checkOthers, playPositions, playTable } from "./answers.ts";
import type { Checklist } from "./checklist.ts";
import { playLateRecord } from "./late.ts";
import type { Page } from "./page.ts";
import { record, register, takeInPosts } from "./record.ts";
import { EVERYTHING, REVERSALS, Subscriber } from "./subscriber.ts";
import type { ThrowawayLedger } from "./throwaway.ts";

/** Plays the story on a ledger, over HTTP and as a subscriber of its bus, and looks at everything it must show. */
export async function play(ledger: ThrowawayLedger, page: Page, checks: Checklist): Promise<void> {
  const api = createClient({ url: ledger.url, token: ledger.token });
  const alerts = new Subscriber(ledger.bus, "demo-alerts", REVERSALS);
  const everything = new Subscriber(ledger.bus, "demo-everything", EVERYTHING);
  page.line(page.style("bold", "On Record: what was said about U.S. troops in Ukraine, 18 and 19 August 2025"));
  page.line();
  page.paragraph(
    `A throwaway ledger runs at ${ledger.url}. Everything below goes through it over HTTP, as an editorial tool would send it. The short quotations are facts; the sentences around them are our own and the outlets are invented. The words that carry a stance are marked.`,
  );

  page.section("1  Whom and what it is about");
  await register(api, page);

  page.section("2  Monday and Tuesday, as recorded");
  const monday = await record(api, page, "monday");
  const assurance = await record(api, page, "assurance");

  page.section("3  The alert, as a subscriber receives it");
  await playAlert(api, page, checks, alerts, [monday, assurance]);

  page.section("4  What else was said on Tuesday");
  const fromTheAir = await record(api, page, "fromTheAir");
  const impossible = await record(api, page, "impossible");
  const briefing = await record(api, page, "briefing");

  page.section("5  Three posts about the briefing become reports of one statement");
  const post = await takeInPosts(api, page, checks, briefing);
  await checkDeliveries(api, checks, alerts, everything);

  page.section("6  Where he stood on Monday, and on Tuesday");
  const recorded = { monday, assurance, fromTheAir, impossible, briefing, post };
  const days = await playPositions(api, page, checks, recorded);
  await checkOthers(api, checks);

  page.section("7  Recorded late: what was known on Tuesday, and on Thursday");
  await playLateRecord(ledger.folder, page, checks);

  page.section("8  All of it posted again");
  await playAgain(api, page, checks, recorded);
  await checkDeliveries(api, checks, alerts, everything);

  page.section("9  The story in one table");
  await playTable(api, page, checks, days, recorded);
}
