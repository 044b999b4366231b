import type { Instant } from "../domain/time.ts";
import type { ViewRow } from "../log/ports.ts";
import { bodyOf } from "./body.ts";
import { horizonBefore, momentKey, newestVersion, type Horizon } from "./moments.ts";
import { sequenceKey, type LoggedEvent, type ViewReader } from "./projection.ts";
import { REGISTRY } from "./registry-key.ts";
import { searchWords, wordsOf } from "./search/words.ts";

/** Prefixes the partitions of the search: they are the registry's, whose checkpoint makes them visible. */
const SEARCH = `${REGISTRY}#search`;

export type RegistryKind = "actor" | "proposition";

/** Partition of an entry's versions; sort key: the moment that made each. */
export const registryEntryPk = (kind: RegistryKind, id: string) => `${SEARCH}#${kind}#entry#${id}`;
/** Partition that lists all entries of a kind by id: `<id>#<sequence>`. */
export const registryPk = (kind: RegistryKind) => `${SEARCH}#${kind}#all`;
/** Partition of the entries with some property, by id: `<id>#<sequence>`. */
export const propertyPk = (kind: RegistryKind, property: string, value: string) =>
  `${SEARCH}#${kind}#${property}#${value}`;
/** Words stand together by their first letter: `<word>#<id>#<sequence>`. */
export const wordsPk = (kind: RegistryKind, word: string) => `${SEARCH}#${kind}#words#${Array.from(word)[0] ?? ""}`;

/** An entry as one event left it, with the words that it is found by. */
export interface RegistryRow<S> {
  recordedAt: Instant;
  version: number;
  state: S;
  words: string[];
  /** What else it is found by: `<property>#<value>`. */
  properties: string[];
}

/** Says that an entry is found there from now on, or no longer. */
export interface FoundRow {
  recordedAt: Instant;
  held: boolean;
}

/** A topic in the form that topics are compared in. */
export const topicKey = (topic: string) => searchWords(topic).join(" ");

interface Indexed {
  kind: RegistryKind;
  id: string;
  words: string[];
  properties: string[];
}

function indexed(event: LoggedEvent["event"]): Indexed | null {
  if (event.type === "ActorRegistered" || event.type === "ActorRevised") {
    const { actor: id, name, aliases, kind, wikidata, speaksFor } = event.data;
    const properties = [
      `kind#${kind}`,
      ...(wikidata === undefined ? [] : [`wikidata#${wikidata}`]),
      ...speaksFor.map((other) => `speaksFor#${other}`),
    ];
    return { kind: "actor", id, words: wordsOf([name, ...aliases]), properties: [...new Set(properties)] };
  }
  if (event.type === "PropositionDefined" || event.type === "PropositionRevised") {
    const { proposition: id, wording, keywords, topics } = event.data;
    const properties = [...new Set(topics.map((topic) => `topic#${topicKey(topic)}`))];
    return { kind: "proposition", id, words: wordsOf([wording, ...keywords, ...topics]), properties };
  }
  return null;
}

async function versionBefore(
  views: ViewReader,
  { kind, id }: Indexed,
  horizon: Horizon,
): Promise<Pick<RegistryRow<object>, "words" | "properties"> | null> {
  const row = await newestVersion(views, registryEntryPk(kind, id), horizon);
  return row === null ? null : bodyOf<RegistryRow<object>>(row);
}

/** By which words and properties an actor or a proposition is found from an event on, and by which no longer. */
export async function searchRows({ entry, event }: LoggedEvent, views: ViewReader): Promise<ViewRow[]> {
  const now = indexed(event);
  if (now === null) return [];
  const { sequence, recordedAt, version } = entry;
  const { kind, id, words, properties } = now;
  const before = await versionBefore(views, now, horizonBefore(entry));
  const found = (pk: string, stem: string, held: boolean): ViewRow => {
    return { pk, sk: `${stem}#${sequenceKey(sequence)}`, body: { recordedAt, held } satisfies FoundRow };
  };
  const differences = (
    old: readonly string[],
    fresh: readonly string[],
    row: (value: string, held: boolean) => ViewRow,
  ) => [
    ...fresh.filter((value) => !old.includes(value)).map((value) => row(value, true)),
    ...old.filter((value) => !fresh.includes(value)).map((value) => row(value, false)),
  ];
  const body = { recordedAt, version, state: event.data, words, properties } satisfies RegistryRow<object>;
  return [
    { pk: registryEntryPk(kind, id), sk: momentKey(recordedAt, sequence), body },
    ...(before === null ? [found(registryPk(kind), id, true)] : []),
    ...differences(before?.words ?? [], words, (word, held) => found(wordsPk(kind, word), `${word}#${id}`, held)),
    ...differences(before?.properties ?? [], properties, (property, held) => {
      const [name = "", value = ""] = property.split("#");
      return found(propertyPk(kind, name, value), id, held);
    }),
  ];
}
