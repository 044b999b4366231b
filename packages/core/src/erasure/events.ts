import { ErasableType, Remains } from "../domain/statement/erased-event.ts";
import { redact } from "../domain/statement/erasure.ts";
import { evolveStatement, type Statement, type StatementState } from "../domain/statement/state.ts";
import { envelopeOf, isErased, type StoredEvent } from "../log/envelope.ts";
import type { EventEraser } from "../log/ports.ts";
import { readEvent } from "../log/upcast.ts";
import type { Erasure } from "../projections/positions/erasing.ts";
import { isOfStatement } from "../projections/positions/statements.ts";

/** The statement as each of its events left it. */
function statesOf(stored: readonly StoredEvent[]): Statement[] {
  let state: StatementState = null;
  return stored.map((each) => {
    const event = readEvent(each);
    if (!isOfStatement(event)) throw new Error(`${each.id} is no event of a statement`);
    const { version, recordedBy } = each;
    state = evolveStatement(state, { ...event, version, recordedBy });
    if (state === null) throw new Error(`${each.id} leaves no statement`);
    return state;
  });
}

/** The numbers of the conditions that a statement bears as of an event, or bore just before it. */
function numbersOf(states: readonly (Statement | undefined)[], { numbers }: Erasure): Erasure["numbers"] {
  const keys = states.flatMap((state) => [
    ...(state?.assessments ?? []).map(({ id }) => id),
    ...(state?.conditionsMet ?? []).map(({ version }) => String(version)),
  ]);
  return Object.fromEntries(keys.flatMap((key) => (numbers[key] === undefined ? [] : [[key, numbers[key]]])));
}

/**
 * Takes the words out of the events before a tombstone. What is left of each is what it made of the statement, so that
 * a fold of the stream comes to the same without them.
 *
 * The last goes first: what an event made follows from those before it, and so from what is still there when this is
 * broken off and begun again. Gives how many events it erased.
 */
export async function eraseEvents(
  stored: readonly StoredEvent[],
  erasure: Erasure,
  eraser: EventEraser,
): Promise<number> {
  const before = stored.filter(({ type }) => type !== "StatementErased");
  const left = before.filter((event) => !isErased(event));
  const states = statesOf(before);
  for (const event of left.toReversed()) {
    const state = states[event.version - 1];
    if (state === undefined) throw new Error(`${event.id} is not in its place in its stream`);
    const numbers = numbersOf([states[event.version - 2], state], erasure);
    const of = ErasableType.parse(event.type);
    // Dead just before: the event says all that it said. Dead just after: nothing of it can be had any more.
    await eraser.erase(envelopeOf(event), Remains.parse({ form: 1, of, state: redact(state, erasure), numbers }));
  }
  return left.length;
}
