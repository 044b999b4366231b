import type { Checklist } from "./checklist.ts";
import type { Page } from "./page.ts";
import { MONDAY, TROOPS, TRUMP, ZONE } from "./story.ts";
import type { ThrowawayLedger } from "./throwaway.ts";

/** Whether all was as it must be, and what was not. */
export function showVerdict(page: Page, { count, failed }: Checklist): void {
  page.line();
  if (failed.length === 0) {
    page.line(page.style("green", `All ${count} expectations hold.`));
    return;
  }
  page.line(page.style("red", `${failed.length} of ${count} expectations do NOT hold:`));
  for (const claim of failed) page.paragraph(claim, "    ", "  - ");
}

/** What a person can try while the ledger stays up. */
export function showStaysUp(page: Page, { url, token }: ThrowawayLedger): void {
  page.line();
  page.line("The ledger stays up until Ctrl-C; then nothing of it is left. To try it, in another terminal:");
  page.line();
  page.line(`  URL=${url}`);
  page.line(`  TOKEN=${token}`);
  const paths = [
    `/v1/actors/${TRUMP}/positions?asOf=${MONDAY}&zone=${ZONE}`,
    `/v1/actors/${TRUMP}/positions/${TROOPS}/history`,
    "/v1/changes?reversal=partial",
    "/v1/log",
  ];
  for (const path of paths) page.line(`  curl -H "Authorization: Bearer $TOKEN" "$URL${path}"`);
  page.line();
}
