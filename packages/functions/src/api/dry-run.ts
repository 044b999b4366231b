import { allows } from "@on-record/core/access/principals";
import { createRehearsal, type Rehearsal, type Rehearsed } from "@on-record/core/commands/rehearse";
import type { CommandDeps, Outcome } from "@on-record/core/commands/request";
import { instantOf } from "@on-record/core/domain/time";
import { LedgerError } from "@on-record/core/errors";
import { eventIdOf, EventId, type StoredEvent } from "@on-record/core/log/envelope";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import * as z from "zod";
import { queryOf, validate } from "../http/validate.ts";
import { waitAfter } from "./moment.ts";
import type { ApiContext, ApiParts } from "./route.ts";

/** The query of every command. Strict: a dry run that is misspelt must not record. */
export const CommandQuery = z
  .strictObject({
    /** Carries the command out in every respect but that nothing is recorded, and shows what it would do. */
    dryRun: z.enum(["true", "false"]).default("false"),
    /** Waits until this event is behind what a dry run shows. */
    after: EventId.optional(),
  })
  .superRefine(({ dryRun, after }, context) => {
    if (after === undefined || dryRun === "true") return;
    context.addIssue({ code: "custom", path: ["after"], message: "goes with dryRun=true" });
  })
  .transform(({ dryRun, after }) => ({ dryRun: dryRun === "true", after }));
export type AskedRun = z.output<typeof CommandQuery>;

const RECORD: AskedRun = { dryRun: false, after: undefined };

/** Whether the request is for a dry run. That shows positions, and so takes what reading them takes. */
export function askedOf(c: ApiContext, { publicRead }: Pick<ApiParts, "publicRead">): AskedRun {
  // Most commands are asked without a query: they shall not pay for it.
  if (!c.req.raw.url.includes("?")) return RECORD;
  const asked = validate(CommandQuery, queryOf(c.req.raw));
  if (asked.dryRun && !publicRead && !allows(c.get("principal").scopes, "read")) {
    throw new LedgerError("forbidden", "a dry run takes a token with the scope read as well", {
      details: { scope: "read" },
    });
  }
  return asked;
}

/** What a dry run says beside the resource, and the version that the stream truly has. */
interface ShownRun {
  version: number;
  body: object;
}

/** Carries a command out in a rehearsal of its own, or in one that others share. */
export async function rehearse<S>(
  parts: ApiParts,
  { after }: Pick<AskedRun, "after">,
  run: (commands: CommandDeps) => Promise<Outcome<S>>,
  rehearsal: Rehearsal = createRehearsal(parts.commands),
): Promise<{ outcome: Outcome<S>; shown: ShownRun }> {
  const rehearsed = await rehearsal.run(run);
  await waitAfter(after, POSITIONS, parts);
  return { outcome: rehearsed.outcome, shown: await show(parts, rehearsed) };
}

async function show(parts: ApiParts, { outcome, event }: Rehearsed<unknown>): Promise<ShownRun> {
  if (event !== null) await waitForBefore(parts, event);
  // Loaded when it is first asked for: most commands are no dry runs, and this takes all that positions follow from.
  const { previewEvent } = await import("@on-record/core/queries/preview");
  const preview = await previewEvent(parts.views, event, instantOf(parts.clock()));
  const { replayed, unchanged } = outcome;
  return {
    version: event === null ? outcome.version : event.version - 1,
    body: {
      dryRun: true,
      wouldRecord: event && { id: event.id, version: event.version, type: event.type, data: event.data },
      event: event === null ? outcome.event : null,
      replayed,
      unchanged,
      ...preview,
    },
  };
}

/** What an event does to positions follows from its statement as the view holds it: that must be as the event found it. */
async function waitForBefore(parts: ApiParts, { stream, version }: StoredEvent): Promise<void> {
  if (version === 1 || !stream.startsWith("statement/")) return;
  await waitAfter(eventIdOf(stream, version - 1), POSITIONS, parts);
}
