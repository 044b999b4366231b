import type { Checkpoint, ViewRange, ViewRow, ViewStore } from "../log/ports.ts";

/**
 * A replay builds a projection's rows anew, beside those that are shown: in partitions of their own, with a place of
 * their own. Which build is shown stands in the projection's place, so that place and rows are of one build by one read.
 */

/** How the partitions of a build begin, and what its place is called while it is not shown. */
export function buildName(name: string, build: number | undefined): string {
  return build === undefined ? name : `${name}@${build}`;
}

/** The rows of one build of a projection; those of others are as they are. */
export type BuildRows = Pick<ViewStore, "get" | "query" | "put">;

export function rowsOf(views: BuildRows, name: string, build: number | undefined): BuildRows {
  if (build === undefined) return views;
  const prefix = `${name}#`;
  const place = (pk: string) => (pk.startsWith(prefix) ? `${buildName(name, build)}#${pk.slice(prefix.length)}` : pk);
  return {
    get: (pk, sk) => views.get(place(pk), sk),
    async query(pk: string, range: ViewRange): Promise<ViewRow[]> {
      const rows = await views.query(place(pk), range);
      return rows.map((row) => ({ ...row, pk }));
    },
    put: (rows) => views.put(rows.map((row) => ({ ...row, pk: place(row.pk) }))),
  };
}

/** A projection as it is shown: its place, and the rows behind it. */
export interface OpenView {
  place: Checkpoint;
  rows: BuildRows;
}

/** Opens what is shown of a projection. What is read of it stays of one build, whatever is switched meanwhile. */
export async function openView(views: ViewStore, name: string): Promise<OpenView> {
  const place = await views.checkpoint(name);
  return { place, rows: rowsOf(views, name, place.build) };
}

/** A build that is not shown yet, as a store of its own. Another store may stand before its rows. */
export function unshownBuild(
  views: ViewStore,
  name: string,
  build: number,
  rows: BuildRows = rowsOf(views, name, build),
): ViewStore {
  const own = (projection: string) => (projection === name ? buildName(name, build) : projection);
  return {
    get: (pk, sk) => rows.get(pk, sk),
    query: (pk, range) => rows.query(pk, range),
    put: (some) => rows.put(some),
    checkpoint: (projection) => views.checkpoint(own(projection)),
    advance: (projection, expected, to) => views.advance(own(projection), expected, to),
  };
}
