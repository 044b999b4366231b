import type { PropositionId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";
import type { ViewRow } from "../log/ports.ts";
import { bodyOf } from "./body.ts";
import { REGISTRY } from "./registry-key.ts";
import { searchRows } from "./search.ts";
import { horizonBefore, momentKey, newestVersion, type Horizon } from "./moments.ts";
import type { LoggedEvent, Projection, ViewReader } from "./projection.ts";

/** Partition that lists, for a proposition, the propositions it is broader than: `<narrower>#<moment>`. */
export const narrowerPk = (broader: string) => `${REGISTRY}#narrower#${broader}`;
const narrowerSk = (narrower: string, moment: string) => `${narrower}#${moment}`;

/** Partition of a proposition's broader links; sort key: the moment that made each version. */
export const broaderPk = (proposition: string) => `${REGISTRY}#broader#${proposition}`;

export interface BroaderRow {
  recordedAt: Instant;
  broader: PropositionId[];
}

export interface NarrowerRow {
  recordedAt: Instant;
  linked: boolean;
}

async function broaderBefore(views: ViewReader, proposition: string, horizon: Horizon): Promise<PropositionId[]> {
  const row = await newestVersion(views, broaderPk(proposition), horizon);
  return row === null ? [] : bodyOf<BroaderRow>(row).broader;
}

/** Links that a proposition has from an event on, and those that it has no longer. */
async function linkRows({ entry, event }: LoggedEvent, views: ViewReader): Promise<ViewRow[]> {
  if (event.type !== "PropositionDefined" && event.type !== "PropositionRevised") return [];
  const { sequence, recordedAt } = entry;
  const { proposition, broader } = event.data;
  const before = await broaderBefore(views, proposition, horizonBefore(entry));
  const link = (other: PropositionId, linked: boolean): ViewRow => ({
    pk: narrowerPk(other),
    sk: narrowerSk(proposition, momentKey(recordedAt, sequence)),
    body: { recordedAt, linked } satisfies NarrowerRow,
  });
  return [
    {
      pk: broaderPk(proposition),
      sk: momentKey(recordedAt, sequence),
      body: { recordedAt, broader } satisfies BroaderRow,
    },
    ...broader.filter((other) => !before.includes(other)).map((other) => link(other, true)),
    ...before.filter((other) => !broader.includes(other)).map((other) => link(other, false)),
  ];
}

/**
 * How propositions hang together, as it was known at any time, and how actors and propositions are found. One
 * projection for both: each has a checkpoint, which moves, and costs, with every segment of the log.
 */
export const registry: Projection = {
  name: "registry",
  revision: 3,
  async apply(logged: LoggedEvent, views: ViewReader): Promise<ViewRow[]> {
    return [...(await linkRows(logged, views)), ...(await searchRows(logged, views))];
  },
};
