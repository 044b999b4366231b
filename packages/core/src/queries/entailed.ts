import { ActorId, PropositionId } from "../domain/ids.ts";
import type { PositionId } from "../domain/position/entry.ts";
import type { Checkpoint, ViewStore } from "../log/ports.ts";
import { openView, type OpenView } from "../projections/builds.ts";
import { POSITIONS, propositionIndexPk } from "../projections/positions/rows.ts";
import { REGISTRY } from "../projections/registry-key.ts";
import { broaderPk, narrowerPk, type BroaderRow, type NarrowerRow } from "../projections/registry.ts";
import { bodyOf } from "../projections/body.ts";
import { newestVersion } from "../projections/moments.ts";
import { answered, horizonOf, momentFrom, type Answered, type AskedMoment, type Moment } from "./moment.ts";
import { pageOf, positionsShown, readPosition, type Page, type Paging, type Position } from "./positions.ts";

/** Links are followed no further than this many propositions. */
const FOLLOWED_COUNT = 200;

type LinksOf = (id: PropositionId) => Promise<PropositionId[]>;

/** Both views that an answer rests on: positions, and the links between propositions. */
interface Opened {
  positions: OpenView;
  registry: OpenView;
}

async function openBoth(views: ViewStore): Promise<Opened> {
  const [positions, registry] = await Promise.all([openView(views, POSITIONS), openView(views, REGISTRY)]);
  return { positions, registry };
}

/** Everything recorded up to here is behind an answer from both views. */
function behindBoth(positions: Checkpoint, registry: Checkpoint): Checkpoint {
  return positions.next <= registry.next ? positions : registry;
}

/** Reads a proposition's broader ones as they were linked at the moment; each once, for several walks over them. */
function broaderAt({ place, rows }: OpenView, moment: Moment): LinksOf {
  const read = new Map<PropositionId, Promise<PropositionId[]>>();
  const links = async (id: PropositionId) => {
    const row = await newestVersion(rows, broaderPk(id), horizonOf(place, moment));
    return row === null ? [] : bodyOf<BroaderRow>(row).broader;
  };
  return (id) => {
    const found = read.get(id) ?? links(id);
    read.set(id, found);
    return found;
  };
}

function narrowerAt({ place, rows }: OpenView, moment: Moment): LinksOf {
  const horizon = horizonOf(place, moment);
  return async (id) => {
    const linked = new Map<string, boolean>();
    for (const row of await rows.query(narrowerPk(id), {})) {
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
  const { positions, registry } = await openBoth(views);
  const { place, rows } = positions;
  const moment = momentFrom(asked, place);
  const position = await ownOrInherited(id, broaderAt(registry, moment), (each) =>
    readPosition(rows, each, moment, place),
  );
  return answered(position, moment, behindBoth(place, registry.place));
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
  const { positions, registry } = await openBoth(views);
  const { place, rows } = positions;
  const { value: page, asOf, knownAt } = await positionsShown(positions, actor, asked, paging);
  const moment = { asOf, knownAt, isLatest: asked.knownAt === undefined };
  const broader = broaderAt(registry, moment);
  const narrower = narrowerAt(registry, moment);
  const inherited: Position[] = [];
  for (const { proposition: from, stance } of page.items) {
    if (stance !== "ruled_out") continue;
    for await (const proposition of reach(from, narrower)) {
      const held = await ownOrInherited({ actor, proposition }, broader, (id) => readPosition(rows, id, moment, place));
      // Another that is nearer may be on another page: each is listed with the one that it comes from.
      if (held?.inheritedFrom === from) inherited.push(held);
    }
  }
  const value = { ...page, items: [...page.items, ...inherited] };
  return answered(value, moment, behindBoth(place, registry.place));
}

/** All actors' positions on a proposition, their own and inherited ones, by actor. */
export async function entailedPositionsOnProposition(
  views: ViewStore,
  proposition: PropositionId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  const { positions, registry } = await openBoth(views);
  const { place, rows } = positions;
  const moment = momentFrom(asked, place);
  const broader = broaderAt(registry, moment);
  const indexes = [propositionIndexPk(proposition)];
  for await (const each of reach(proposition, broader)) indexes.push(propositionIndexPk(each));
  const page = await pageOf(rows, indexes, paging, (actor) =>
    ownOrInherited({ actor: ActorId.parse(actor), proposition }, broader, (id) =>
      readPosition(rows, id, moment, place),
    ),
  );
  return answered(page, moment, behindBoth(place, registry.place));
}
