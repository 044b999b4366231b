/** What must hold of a ledger after load and kills. Each check looks for what would break its promise. */
import type { LogEntry } from "@on-record/core/log/envelope";
import { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { isDeepStrictEqual } from "node:util";
import type { Expected } from "./load-clients.ts";
import { naivePositions, shownOf } from "./load-fold.ts";
import type { ReadEvent, ShownPosition } from "./load-read.ts";

export interface Check {
  readonly name: string;
  /** What was looked at, for people. */
  readonly seen: string;
  readonly violations: string[];
}

/** The log over HTTP: gap-free, in order, each event and each request once. */
export function checkLog(log: readonly LogEntry[]): Check {
  const violations: string[] = [];
  const ids = new Set<string>();
  const requests = new Set<string>();
  const versions = new Map<string, number>();
  for (const [index, entry] of log.entries()) {
    const before = log[index - 1];
    if (entry.sequence !== index) violations.push(`place ${index} holds sequence ${entry.sequence}`);
    if (ids.has(entry.id)) violations.push(`${entry.id} is in the log twice`);
    if (requests.has(entry.requestId)) violations.push(`${entry.id} is a request's second event`);
    if (before !== undefined && before.recordedAt > entry.recordedAt) violations.push(`time runs back at ${index}`);
    const expected = (versions.get(entry.stream) ?? 0) + 1;
    if (entry.version !== expected) violations.push(`${entry.id} stands where version ${expected} belongs`);
    versions.set(entry.stream, entry.version);
    ids.add(entry.id);
    requests.add(entry.requestId);
  }
  return { name: "the log is gap-free, each event and each request once", seen: `${log.length} entries`, violations };
}

/** Acknowledged ⇔ in the log ⇔ in the Events table; and over HTTP at the same place. */
export function checkAcknowledged(
  acknowledged: ReadonlyMap<string, string>,
  log: readonly LogEntry[],
  stored: ReadonlySet<string>,
  read: ReadonlyMap<string, readonly ReadEvent[]>,
): Check {
  const places = new Map<string, number>(log.map(({ id, sequence }) => [id, sequence]));
  const shown = new Map([...read.values()].flat().map(({ id, sequence }) => [id, sequence]));
  const violations = [
    ...[...acknowledged].flatMap(([id, key]) =>
      places.has(id) ? [] : [`${id} (${key}) was acknowledged and is not in the log`],
    ),
    ...[...acknowledged.keys()].flatMap((id) => (stored.has(id) ? [] : [`${id} was acknowledged and is not stored`])),
    ...[...places.keys()].flatMap((id) => (acknowledged.has(id) ? [] : [`${id} is in the log and nobody was told`])),
    ...[...stored].flatMap((id) => (places.has(id) ? [] : [`${id} is stored and not in the log`])),
    ...[...places].flatMap(([id, place]) =>
      !id.startsWith("statement/") || shown.get(id) === place
        ? []
        : [`${id} is at ${place}, its statement shows ${shown.get(id)}`],
    ),
  ];
  return { name: "acknowledged = stored = in the log, once", seen: `${acknowledged.size} events`, violations };
}

/** Announcements from every side; `told` holds repeats. */
export interface Announced {
  readonly name: string;
  readonly told: readonly unknown[];
}

/** One id, one content; one place of a position, one id; the same on every side, none missing. */
export function checkChanges(changes: readonly DerivedEvent[], sides: readonly Announced[]): Check {
  const violations: string[] = [];
  const byId = new Map<string, DerivedEvent>(changes.map((event) => [event.id, event]));
  if (byId.size !== changes.length) violations.push("GET /v1/changes gives an id twice");
  violations.push(...gaps(changes));
  const repeats: string[] = [];
  for (const { name, told } of sides) {
    const ids = new Set<string>();
    const places = new Map<string, string>();
    for (const text of told) {
      const event = DerivedEvent.parse(text);
      const place = placeOf(event);
      const other = places.get(place);
      if (other !== undefined && other !== event.id)
        violations.push(`${name}: ${place} was announced as ${other} and as ${event.id}`);
      const known = byId.get(event.id);
      if (known === undefined) violations.push(`${name}: ${event.id} (${place}) is not in GET /v1/changes`);
      else if (!isDeepStrictEqual(known, event)) violations.push(`${name}: ${event.id} has another content`);
      places.set(place, event.id);
      ids.add(event.id);
    }
    for (const id of byId.keys()) if (!ids.has(id)) violations.push(`${name}: ${id} was never announced`);
    repeats.push(`${told.length - ids.size} repeats by ${name}`);
  }
  return {
    name: "announced = GET /v1/changes = the fold, one id each",
    seen: `${byId.size} changes, ${repeats.join(", ")}`,
    violations,
  };
}

const placeOf = ({ actor, proposition, number }: DerivedEvent) => `${actor}/${proposition} number ${number}`;

function gaps(changes: readonly DerivedEvent[]): string[] {
  const numbers = new Map<string, number[]>();
  for (const { actor, proposition, number } of changes) {
    const name = `${actor}/${proposition}`;
    numbers.set(name, [...(numbers.get(name) ?? []), number]);
  }
  return [...numbers].flatMap(([name, some]) =>
    some.toSorted((a, b) => a - b).every((number, index) => number === index + 1)
      ? []
      : [`${name} counts ${some.join(" ")}`],
  );
}

/** What the API shows of each position is what its statements fold to. */
export function checkPositions(
  shown: readonly ShownPosition[],
  read: ReadonlyMap<string, readonly ReadEvent[]>,
): Check {
  const folded = naivePositions(read);
  const byName = new Map(shown.map((position) => [`${position.actor}/${position.proposition}`, position]));
  const violations: string[] = [];
  for (const name of new Set([...byName.keys(), ...folded.keys()])) {
    const state = folded.get(name);
    const expected = state === undefined ? undefined : shownOf(name, state);
    const position = byName.get(name);
    const same = isDeepStrictEqual(essence(position), essence(expected));
    if (!same) violations.push(`${name}: shown ${essence(position)}, folded ${essence(expected)}`);
  }
  return { name: "positions = a naive fold of the events", seen: `${byName.size} positions`, violations };
}

function essence(position: ShownPosition | undefined): string {
  if (position === undefined) return "nothing";
  const { stance, condition, force, basis, contests, provisional } = position;
  return JSON.stringify({ stance, condition, force, statement: basis.statement, contests, provisional });
}

/** Who posts alone knows where it stands without asking the ledger. */
export function checkExpected(shown: readonly ShownPosition[], expected: readonly Expected[]): Check {
  const violations = expected.flatMap(({ actor, proposition, stance }) => {
    const position = shown.find((some) => some.actor === actor && some.proposition === proposition);
    return position?.stance === stance ? [] : [`${actor} must be ${stance}, is ${position?.stance}`];
  });
  return { name: "who posts alone stands where its last word says", seen: `${expected.length} actors`, violations };
}
