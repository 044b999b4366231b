import type { ViewStore } from "../log/ports.ts";
import { LIMITS } from "../limits.ts";
import { bodyOf } from "../projections/body.ts";
import { sequenceIn, type ViewReader } from "../projections/projection.ts";
import { REGISTRY } from "../projections/registry-key.ts";
import {
  propertyPk,
  registryEntryPk,
  registryPk,
  wordsPk,
  type FoundRow,
  type RegistryKind,
  type RegistryRow,
} from "../projections/search.ts";
import { searchWords } from "../projections/search/words.ts";
import { openView } from "../projections/builds.ts";
import { horizonAt, newestVersion, type Horizon } from "../projections/moments.ts";
import { answered, horizonOf, momentFrom, throughOf, type Answered, type AskedMoment, type Through } from "./moment.ts";
import { PageRoom } from "./page-room.ts";
import type { Page, Paging } from "./positions.ts";

/** What is asked for: all words, each as a word or the beginning of one, and all properties (`<property>#<value>`). */
export interface RegistryQuestion {
  kind: RegistryKind;
  words: readonly string[];
  properties: readonly string[];
}

const CHUNK_ROWS = 100;
const END = "\u{10FFFF}";
const NEXT = "\u0001";
/** Properties by which few entries are found, the fewest first. */
const FEW = ["wikidata", "speaksFor", "topic"] as const;

/** Words to search for; a search of very many is one for the first. */
export function wordsIn(text: string): string[] {
  return searchWords(text).slice(0, LIMITS.searchQueryWordsCount);
}

/** Where to look: rows of a partition that begin so, each with its entry's id behind that. */
interface Place {
  pk: string;
  prefix: string;
  /** Whether keys are `<word>#<id>`, and not ids alone. */
  byWord: boolean;
}

function placeFor({ kind, words, properties }: RegistryQuestion): Place {
  const named = (name: string) => properties.find((property) => property.startsWith(`${name}#`));
  const few = FEW.map(named).find((property) => property !== undefined);
  // The longest word is likely to be the rarest.
  const [longest] = words.toSorted((a, b) => b.length - a.length);
  if (few === undefined && longest !== undefined) return { pk: wordsPk(kind, longest), prefix: longest, byWord: true };
  const property = few ?? properties[0];
  if (property === undefined) return { pk: registryPk(kind), prefix: "", byWord: false };
  const [name = "", value = ""] = property.split("#");
  return { pk: propertyPk(kind, name, value), prefix: "", byWord: false };
}

const stemOf = (sk: string) => sk.slice(0, sk.lastIndexOf("#"));

/** Whether an entry is one that is asked for and, by word, is to be listed here: under the first of its words that fit. */
function fits(row: RegistryRow<object>, stem: string, place: Place, { words, properties }: RegistryQuestion): boolean {
  const hasAll =
    words.every((word) => row.words.some((held) => held.startsWith(word))) &&
    properties.every((property) => row.properties.includes(property));
  if (!hasAll || !place.byWord) return hasAll;
  const [first] = row.words.filter((word) => word.startsWith(place.prefix)).toSorted((a, b) => (a < b ? -1 : 1));
  return first === stem.slice(0, stem.indexOf("#"));
}

/** What of the registry is seen: all that was made by a moment. */
interface Seen {
  rows: ViewReader;
  horizon: Horizon;
  isVisible: (sequence: number, found: FoundRow) => boolean;
}

async function search<S extends object>(
  { rows: shown, horizon, isVisible }: Seen,
  question: RegistryQuestion,
  { after, limit }: Paging,
): Promise<Page<RegistryRow<S>>> {
  const place = placeFor(question);
  const to = `${place.prefix}${END}`;
  const items: RegistryRow<S>[] = [];
  const room = new PageRoom();
  let from = after === undefined ? place.prefix : `${after}#${END}`;
  let checked = 0;
  let lastListed: string | undefined;
  for (;;) {
    const rows = await shown.query(place.pk, { from, to, limit: CHUNK_ROWS });
    const held = new Map<string, boolean>();
    for (const row of rows) {
      const found = bodyOf<FoundRow>(row);
      if (isVisible(sequenceIn(row.sk), found)) held.set(stemOf(row.sk), found.held);
    }
    const last = rows.at(-1);
    const isEnd = rows.length < CHUNK_ROWS || last === undefined;
    // Rows that say otherwise of the last one may lie behind: whether it holds is seen by the entry itself.
    const stems = [...held]
      .filter(([stem, holds]) => holds || (!isEnd && stem === stemOf(last.sk)))
      .map(([stem]) => stem);
    for (const stem of stems) {
      const id = place.byWord ? stem.slice(stem.indexOf("#") + 1) : stem;
      const version = await newestVersion(shown, registryEntryPk(question.kind, id), horizon);
      checked += 1;
      if (version === null) continue;
      const row = bodyOf<RegistryRow<S>>(version);
      const isAsked = stem !== lastListed && fits(row, stem, place, question);
      if (isAsked && (items.length === limit || !room.take(row))) return { items, next: lastListed ?? stem };
      if (isAsked) {
        items.push(row);
        lastListed = stem;
      }
      if (checked >= LIMITS.listedChecksCount) return { items, next: stem };
    }
    if (isEnd) return { items };
    from = `${last.sk}${NEXT}`;
  }
}

/**
 * Entries of the registry as they stand at `through`: with words, by the word found and then by id; else by id. A page
 * may be short while `next` leads on.
 */
export async function searchRegistry<S extends object>(
  views: ViewStore,
  question: RegistryQuestion,
  paging: Paging,
): Promise<Page<RegistryRow<S>> & { through: Through }> {
  const { place, rows } = await openView(views, REGISTRY);
  const through = throughOf(place);
  const isVisible = (sequence: number) => sequence < place.next;
  return { ...(await search<S>({ rows, horizon: horizonAt(through), isVisible }, question, paging)), through };
}

/** The same as the ledger knew them by then: found by the words and properties that they had. */
export async function searchRegistryAt<S extends object>(
  views: ViewStore,
  question: RegistryQuestion,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<RegistryRow<S>>>> {
  const { place, rows } = await openView(views, REGISTRY);
  const moment = momentFrom(asked, place);
  const isVisible = (sequence: number, { recordedAt }: FoundRow) =>
    sequence < place.next && recordedAt <= moment.knownAt;
  const page = await search<S>({ rows, horizon: horizonOf(place, moment), isVisible }, question, paging);
  return answered(page, moment, place);
}

/** One entry as the ledger knew it by then; `null` when it was not registered yet. */
export async function registryEntryAt<S extends object>(
  views: ViewStore,
  { kind, id }: { kind: RegistryKind; id: string },
  asked: AskedMoment,
): Promise<Answered<RegistryRow<S> | null>> {
  const { place, rows } = await openView(views, REGISTRY);
  const moment = momentFrom(asked, place);
  const row = await newestVersion(rows, registryEntryPk(kind, id), horizonOf(place, moment));
  return answered(row && bodyOf<RegistryRow<S>>(row), moment, place);
}
