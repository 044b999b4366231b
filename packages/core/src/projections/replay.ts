import type { Checkpoint, ViewStore, ViewUpkeep } from "../log/ports.ts";
import { BuildCache } from "./build-cache.ts";
import { buildName, rowsOf, unshownBuild } from "./builds.ts";
import type { AnyProjection } from "./projection.ts";
import { catchUp, type ProjectionDeps } from "./run.ts";

/** How many builds are looked through for one that can be gone on with. */
const BUILDS_COUNT = 1_000;

/**
 * The build to write: the one behind that which is shown, unless what stands there was begun by another revision, or
 * is not to be gone on with.
 */
async function nextBuild(
  views: ViewStore,
  { name, revision }: AnyProjection,
  shown: Checkpoint,
  afresh: boolean,
): Promise<number> {
  const first = (shown.build ?? 0) + 1;
  for (let build = first; build < first + BUILDS_COUNT; build += 1) {
    const place = await views.checkpoint(buildName(name, build));
    if (place.next === 0 || (!afresh && place.revision === revision)) return build;
  }
  throw new Error(`${BUILDS_COUNT} builds of ${name} were begun and none was shown`);
}

/**
 * Shows a build in place of the one that is shown, in one write; `false` when that one is further by now.
 *
 * Commit point: dies before, and the old rows are shown and kept up to date; dies after, and the new ones are. What is
 * being read of the old ones goes on, as they stay.
 */
async function show(views: ViewStore, { name, revision }: AnyProjection, build: number): Promise<boolean> {
  const built = await views.checkpoint(buildName(name, build));
  const shown = await views.checkpoint(name);
  if (shown.build === build) return true;
  if (built.next < shown.next) return false;
  return views.advance(name, shown, { ...built, build, revision });
}

/** A build that begins with nothing. As soon as another has taken a step of it, it is read like any other. */
function cachedBuild(views: ViewStore, name: string, build: number): ViewStore {
  const rows = rowsOf(views, name, build);
  const cache = new BuildCache(rows);
  // Of its own rows it knows all. Those of a projection that it follows another wrote.
  const holding = (pk: string) => (pk.startsWith(`${name}#`) ? cache : rows);
  const store = unshownBuild(views, name, build, {
    get: (pk, sk) => holding(pk).get(pk, sk),
    query: (pk, range) => holding(pk).query(pk, range),
    put: (some) => cache.put(some),
  });
  return {
    ...store,
    async advance(projection, expected, to) {
      const isOurs = await store.advance(projection, expected, to);
      if (!isOurs) cache.giveUp();
      return isOurs;
    },
  };
}

/**
 * Builds a projection anew from the log's beginning, beside what is shown, and then shows it. No derived event is
 * published again: delivery keeps a place of its own, and the rows behind it are the same.
 *
 * It can be killed anywhere and called again: it goes on where it was. Two at once do the same work and show the same
 * build. Where `onStep` ends it, nothing is switched. Gives the build that is shown, `null` when it was ended.
 *
 * @param afresh begins from 0 even where a replay of the same revision was left unfinished.
 */
export async function replay(
  projection: AnyProjection,
  deps: ProjectionDeps,
  { afresh = false }: { afresh?: boolean } = {},
): Promise<number | null> {
  const { views, onStep = () => true } = deps;
  const { name } = projection;
  const build = await nextBuild(views, projection, await views.checkpoint(name), afresh);
  let ended = false;
  const step = (at: string, next: number) => {
    ended = !onStep(at, next);
    return !ended;
  };
  const { next } = await views.checkpoint(buildName(name, build));
  const beside = { ...deps, views: next === 0 ? cachedBuild(views, name, build) : unshownBuild(views, name, build) };
  for (;;) {
    await catchUp(projection, { ...beside, onStep: step });
    if (ended) return null;
    if (await show(views, projection, build)) return build;
  }
}

/**
 * Brings what is shown of a projection up to the log's end. Where another revision made it, that stays as it is, and is
 * shown, until this one has been built beside it.
 */
export async function keepUp(projection: AnyProjection, deps: ProjectionDeps): Promise<void> {
  const { revision } = await deps.views.checkpoint(projection.name);
  if (revision === undefined || revision === projection.revision) await catchUp(projection, deps);
  else await replay(projection, deps);
}

/** Which build a partition is of; `null` for one of another projection. */
function buildOf(pk: string, name: string): number | null {
  const [prefix = ""] = pk.split("#");
  if (prefix === name) return 0;
  const [own, build] = prefix.split("@");
  return own === name && build !== undefined ? Number(build) : null;
}

/**
 * Removes the rows of builds that were shown before the one that is shown now, or never were. Whoever began to read
 * them before the switch has long been answered. Gives how many rows were removed.
 */
export async function removeOldBuilds(
  views: ViewStore & ViewUpkeep,
  { name }: Pick<AnyProjection, "name">,
): Promise<number> {
  const { build: shown = 0 } = await views.checkpoint(name);
  let removed = 0;
  for await (const rows of views.scan()) {
    const old = rows.filter(({ pk }) => (buildOf(pk, name) ?? shown) < shown);
    if (old.length > 0) await views.remove(old);
    removed += old.length;
  }
  return removed;
}
