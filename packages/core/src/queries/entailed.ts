import { ActorId, PropositionId } from "../domain/ids.ts";
import type { PositionId } from "../domain/position/entry.ts";
import type { Checkpoint, ViewStore } from "../log/ports.ts";
import { POSITIONS, propositionIndexPk } from "../projections/positions/rows.ts";
import { REGISTRY } from "../projections/registry-key.ts";
import { broaderPk, narrowerPk, type BroaderRow, type NarrowerRow } from "../projections/registry.ts";
import { bodyOf } from "../projections/body.ts";
import { newestVersion } from "../projections/moments.ts";
import { answered, horizonOf, momentFrom, type Answered, type AskedMoment, type Moment } from "./moment.ts";
import { pageOf, positionsOfActor, readPosition, type Page, type Paging, type Position } from "./positions.ts";

/** Links are followed no further than this many propositions. */
const FOLLOWED_COUNT = 200;

type LinksOf = (id: PropositionId) => Promise<PropositionId[]>;

/** Where both views stand that an answer rests on: positions, and the links between propositions. */
interface Places {
  positions: Checkpoint;
  registry: Checkpoint;
}

async function placesOf(views: ViewStore): Promise<Places> {
  const [positions, registry] = await Promise.all([views.checkpoint(POSITIONS), views.checkpoint(REGISTRY)]);
  return { positions, registry };
}

/** Everything recorded up to here is behind an answer from both views. */
function behindBoth({ positions, registry }: Places): Checkpoint {
  return positions.next <= registry.next ? positions : registry;
}

/** Reads a proposition's broader ones as they were linked at the moment; each once, for several walks over them. */
function broaderAt(views: ViewStore, moment: Moment, place: Checkpoint): LinksOf {
  const read = new Map<PropositionId, Promise<PropositionId[]>>();
  const links = async (id: PropositionId) => {
    const row = await newestVersion(views, broaderPk(id), horizonOf(place, moment));
    return row === null ? [] : bodyOf<BroaderRow>(row).broader;
  };
  return (id) => {
    const found = read.get(id) ?? links(id);
    read.set(id, found);
    return found;
  };
}

function narrowerAt(views: ViewStore, moment: Moment, place: Checkpoint): LinksOf {
  const horizon = horizonOf(place, moment);
  return async (id) => {
    const linked = new Map<string, boolean>();
    for (const row of await views.query(narrowerPk(id), {})) {
      const version = bodyOf<NarrowerRow>(row);
      const [narrower = "", ...made] = row.sk.split("#");
      if (made.join("#") <= horizon) linked.set(narrower, version.linked);
    }
    return [...linked].filter(([, holds]) => holds).map(([narrower]) => PropositionId.parse(narrower));
  };
}

/** Everything that can be reached over links, nearest first; each proposition once, and never the start. */
async function* reach(start: PropositionId, linksOf: LinksOf): AsyncGenerator<PropositionId> {
  const reached = new Set([start]);
  for (const id of reached) {
    for (const other of await linksOf(id)) {
      if (reached.has(other)) continue;
      if (reached.size >= FOLLOWED_COUNT) return;
      reached.add(other);
      yield other;
    }
  }
}

/** The actor's own position or, where there is none, that on the nearest broader proposition that it has ruled out. */
async function ownOrInherited(
  id: PositionId,
  broader: LinksOf,
  read: (id: PositionId) => Promise<Position | null>,
): Promise<Position | null> {
  const own = await read(id);
  if (own !== null) return own;
  for await (const proposition of reach(id.proposition, broader)) {
    const held = await read({ actor: id.actor, proposition });
    if (held?.stance === "ruled_out") return { ...held, proposition: id.proposition, inheritedFrom: proposition };
  }
  return null;
}

/** One actor's position on one proposition, its own or an inherited one; `null` when it had neither. */
export async function findEntailedPosition(
  views: ViewStore,
  id: PositionId,
  asked: AskedMoment,
): Promise<Answered<Position | null>> {
  const places = await placesOf(views);
  const moment = momentFrom(asked, places.positions);
  const broader = broaderAt(views, moment, places.registry);
  const position = await ownOrInherited(id, broader, (each) => readPosition(views, each, moment, places.positions));
  return answered(position, moment, behindBoth(places));
}

/**
 * An actor's positions, by proposition; behind those of a page the positions inherited from them. A page then holds
 * more than its limit.
 */
export async function entailedPositionsOfActor(
  views: ViewStore,
  actor: ActorId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  const registry = await views.checkpoint(REGISTRY);
  const { value: page, through, asOf, knownAt } = await positionsOfActor(views, actor, asked, paging);
  const positions = { next: through.sequence === null ? 0 : through.sequence + 1, recordedAt: through.recordedAt };
  const moment = { asOf, knownAt, isLatest: asked.knownAt === undefined };
  const broader = broaderAt(views, moment, registry);
  const narrower = narrowerAt(views, moment, registry);
  const inherited: Position[] = [];
  for (const { proposition: from, stance } of page.items) {
    if (stance !== "ruled_out") continue;
    for await (const proposition of reach(from, narrower)) {
      const held = await ownOrInherited({ actor, proposition }, broader, (id) =>
        readPosition(views, id, moment, positions),
      );
      // Another that is nearer may be on another page: each is listed with the one that it comes from.
      if (held?.inheritedFrom === from) inherited.push(held);
    }
  }
  const value = { ...page, items: [...page.items, ...inherited] };
  return answered(value, moment, behindBoth({ positions, registry }));
}

/** All actors' positions on a proposition, their own and inherited ones, by actor. */
export async function entailedPositionsOnProposition(
  views: ViewStore,
  proposition: PropositionId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  const places = await placesOf(views);
  const moment = momentFrom(asked, places.positions);
  const broader = broaderAt(views, moment, places.registry);
  const indexes = [propositionIndexPk(proposition)];
  for await (const each of reach(proposition, broader)) indexes.push(propositionIndexPk(each));
  const page = await pageOf(views, indexes, paging, (actor) =>
    ownOrInherited({ actor: ActorId.parse(actor), proposition }, broader, (id) =>
      readPosition(views, id, moment, places.positions),
    ),
  );
  return answered(page, moment, behindBoth(places));
}
