import { readFile, rm } from "node:fs/promises";
import * as z from "zod";
import { writeWhole } from "../files.ts";

const Bad = z.strictObject({ line: z.int(), message: z.string() });
const Counts = z.strictObject({
  recorded: z.int(),
  replayed: z.int(),
  registered: z.int(),
  unchanged: z.int(),
});
export type Counts = z.infer<typeof Counts>;

const Place = z.strictObject({
  /** Of the file, as it was. */
  hash: z.string(),
  ledger: z.string(),
  /** Whether its actors and propositions are there. */
  registryDone: z.boolean(),
  /** Statements up to this line are settled. */
  throughLine: z.int(),
  counts: Counts,
  refused: z.array(Bad),
});
/** How far an import has come: what a killed one goes on from. */
export type Place = z.infer<typeof Place>;

export function placePath(input: string): string {
  return `${input}.import-state.json`;
}

export function freshPlace(hash: string, ledger: string): Place {
  const counts = { recorded: 0, replayed: 0, registered: 0, unchanged: 0 };
  return { hash, ledger, registryDone: false, throughLine: 0, counts, refused: [] };
}

/**
 * Where an import of this very file into this ledger was left, else its beginning. To begin anew does no harm: what is
 * recorded already is known by its key.
 */
export async function readPlace(input: string, hash: string, ledger: string): Promise<Place> {
  try {
    const place = Place.parse(JSON.parse(await readFile(placePath(input), "utf8")));
    if (place.hash === hash && place.ledger === ledger) return place;
  } catch {
    // Not there, or of no use: it only saves time.
  }
  return freshPlace(hash, ledger);
}

export async function writePlace(input: string, place: Place): Promise<void> {
  await writeWhole(placePath(input), (file) => file.write(JSON.stringify(place)));
}

export async function forgetPlace(input: string): Promise<void> {
  await rm(placePath(input), { force: true });
}
