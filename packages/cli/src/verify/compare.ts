import type { ExportLine } from "@on-record/core/log/export-line";
import { firstFault } from "@on-record/core/log/tree/audit";
import { sameBytes } from "@on-record/core/log/tree/text";
import { eventName, Found, type FindingKind } from "./finding.ts";

/** What the signed root says of a place of the log. */
export interface Wanted {
  leaf: Uint8Array;
  /** The event's name; nobody vouches for it. */
  id?: string | undefined;
}

/** What was found in a place of the log. */
export interface Held {
  /** The hash of its entry; empty where it could not be read. */
  leaf: Uint8Array;
  line: ExportLine | null;
  /** Why it could not be read. */
  flaw?: { kind: FindingKind; message: string };
}

/** So far is looked for where an event went. */
const WINDOW_COUNT = 512;

async function upTo<T>(count: number, first: IteratorResult<T, unknown>, more: AsyncIterator<T>): Promise<T[]> {
  const found: T[] = [];
  for (let next = first; next.done !== true && found.length < count; next = await more.next()) found.push(next.value);
  return found;
}

const TOLD: Readonly<Record<"altered" | "missing" | "inserted" | "moved", string>> = {
  altered: "was altered",
  missing: "is missing",
  inserted: "was never entered there: it was inserted",
  moved: "is not in its place: it was moved",
};

function nameOf({ line }: Held): string | undefined {
  return line?.entry.id;
}

/** Names what is wrong at a place, by what stands there and behind. */
function found(sequence: number, wanted: readonly Wanted[], held: readonly Held[]): Found {
  const [want, have] = [wanted[0], held[0]];
  if (have?.flaw !== undefined) {
    const event = want?.id;
    return new Found(have.flaw.kind, `${eventName(sequence, event)}: ${have.flaw.message}`, { sequence, event });
  }
  const run = { first: sequence, leaves: wanted.map(({ leaf }) => leaf) };
  const kind =
    firstFault(
      run,
      held.map(({ leaf }) => leaf),
    )?.kind ?? "altered";
  const event =
    kind === "inserted" ? have && nameOf(have) : (want?.id ?? (kind === "altered" && have ? nameOf(have) : undefined));
  const other = have && nameOf(have);
  const instead =
    other === undefined || other === event
      ? ""
      : `; in its place stands ${eventName(have?.line?.entry.sequence ?? sequence, other)}`;
  return new Found(kind, `${eventName(sequence, event)} ${TOLD[kind]}${kind === "inserted" ? "" : instead}`, {
    sequence,
    event,
  });
}

/** Holds what was found against what was signed, place by place; throws the first difference. Gives how many there are. */
export async function compareAll(
  wanted: AsyncIterator<Wanted>,
  held: AsyncIterator<Held>,
  onSame: (line: ExportLine) => void,
  onStep: (done: number) => void,
): Promise<number> {
  for (let sequence = 0; ; sequence += 1) {
    const [want, have] = await Promise.all([wanted.next(), held.next()]);
    if (want.done === true && have.done === true) return sequence;
    const same = want.done !== true && have.done !== true && sameBytes(want.value.leaf, have.value.leaf);
    if (!same) throw found(sequence, await upTo(WINDOW_COUNT, want, wanted), await upTo(WINDOW_COUNT, have, held));
    if (have.value.line !== null) onSame(have.value.line);
    onStep(sequence + 1);
  }
}
