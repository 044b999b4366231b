import type { ActorId, PropositionId } from "../domain/ids.ts";
import type { PositionId } from "../domain/position/entry.ts";
import type { Checkpoint, ViewStore } from "../log/ports.ts";
import { POSITIONS } from "../projections/positions/rows.ts";
import { sequenceIn } from "../projections/projection.ts";
import { broaderPk, narrowerPk, REGISTRY, type BroaderRow, type NarrowerRow } from "../projections/registry.ts";
import { newestVersion, visibleAt, type Moment } from "./moment.ts";
import { readPosition, type Position } from "./positions.ts";

/** Links are followed no further than this many propositions. */
const FOLLOWED_COUNT = 200;

async function broaderThan(views: ViewStore, id: PropositionId, moment: Moment, place: Checkpoint): Promise<PropositionId[]> {
  const row = await newestVersion(views, broaderPk(id), visibleAt(place, moment));
  return row === null ? [] : (row.body as BroaderRow).broader;
}

async function narrowerThan(views: ViewStore, id: PropositionId, moment: Moment, place: Checkpoint): Promise<PropositionId[]> {
  const visible = visibleAt(place, moment);
  const linked = new Map<string, boolean>();
  for (const row of await views.query(narrowerPk(id), {})) {
    const body = row.body as NarrowerRow;
    if (visible(sequenceIn(row.sk), body.recordedAt)) linked.set(row.sk.slice(0, row.sk.lastIndexOf("#")), body.linked);
  }
  return [...linked].filter(([, holds]) => holds).map(([narrower]) => narrower as PropositionId);
}

/** Everything that can be reached over links, nearest first; each proposition once. */
async function reach(start: PropositionId, linksOf: (id: PropositionId) => Promise<PropositionId[]>): Promise<PropositionId[]> {
  const reached = [start];
  for (const id of reached) {
    if (reached.length >= FOLLOWED_COUNT) break;
    for (const other of await linksOf(id)) if (!reached.includes(other)) reached.push(other);
  }
  return reached.slice(1, FOLLOWED_COUNT);
}

/** The nearest broader proposition that the actor has ruled out, as this one's inherited position; `null` when none is. */
export async function inheritedPosition(views: ViewStore, id: PositionId, moment: Moment): Promise<Position | null> {
  const [place, registry] = await Promise.all([views.checkpoint(POSITIONS), views.checkpoint(REGISTRY)]);
  for (const broader of await reach(id.proposition, (each) => broaderThan(views, each, moment, registry))) {
    const held = await readPosition(views, { actor: id.actor, proposition: broader }, moment, place);
    if (held?.stance === "ruled_out") return { ...held, proposition: id.proposition, inheritedFrom: broader };
  }
  return null;
}

/** What an actor inherits from the positions given: the narrower propositions of each that is ruled out. */
export async function inheritedFrom(
  views: ViewStore,
  actor: ActorId,
  own: readonly Position[],
  moment: Moment,
): Promise<Position[]> {
  const [place, registry] = await Promise.all([views.checkpoint(POSITIONS), views.checkpoint(REGISTRY)]);
  const inherited = new Map<PropositionId, Position>();
  for (const held of own) {
    if (held.stance !== "ruled_out") continue;
    for (const proposition of await reach(held.proposition, (each) => narrowerThan(views, each, moment, registry))) {
      if (inherited.has(proposition)) continue;
      if ((await readPosition(views, { actor, proposition }, moment, place)) !== null) continue;
      inherited.set(proposition, { ...held, proposition, inheritedFrom: held.proposition });
    }
  }
  return [...inherited.values()];
}
