import { mapBounded } from "../../log/bounded.ts";
import type { ViewRow, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { REVIEW_PK } from "../positions/rows.ts";
import { sequenceIn, sequenceKey } from "../projection.ts";
import { lettersOf, type ChangePosting } from "./posting.ts";
import { changesBlockOf, changesRow, changesRows, firstIn, newestParts, OPEN_PK, type ChangesShape } from "./rows.ts";

const [REVIEW] = lettersOf({ type: "ReviewRequested" });

/** A list is written anew when no more of it is left: else readers would go through very many versions. */
const REWRITTEN_SHARE = 0.75;

/** Sorts behind everything that begins like what it is appended to. */
const BEHIND = "~";

/** The range of all review items that were asked for at a sequence number. */
export function reviewItemsAt(sequence: number): { from: string; to: string } {
  const stem = `${sequenceKey(sequence)}-`;
  return { from: stem, to: `${stem}${BEHIND}` };
}

/** Whether something that was asked for at a sequence number still waited when `last` had been applied. */
async function waits(views: Pick<ViewStore, "query">, sequence: number, last: number): Promise<boolean> {
  const open = new Map<string, boolean>();
  for (const { sk, body, pk } of await views.query(REVIEW_PK, reviewItemsAt(sequence))) {
    const item = sk.slice(0, sk.lastIndexOf("#"));
    if (sequenceIn(sk) <= last) open.set(item, bodyOf<{ open: boolean }>({ pk, sk, body }).open);
  }
  return [...open.values()].includes(true);
}

/** Such as are looked at with this block: all of them or, where they are many, each in its turn. */
function inTurn(sequences: readonly number[], first: number, shape: ChangesShape): number[] {
  const turns = Math.ceil(sequences.length / shape.looksPerBlock);
  const turn = (first / changesBlockOf(shape)) % turns;
  return sequences.filter((_, index) => index % turns === turn);
}

/**
 * What may still wait for an editor as of a block's end. Who closes an item tells it under the item only, so what was
 * open is looked at anew; what was closed never opens again. Some may be listed that wait no longer, and none is left
 * out that does: readers look at each before they show it.
 */
export async function openRows(
  block: readonly ChangePosting[],
  first: number,
  last: number,
  { views, shape }: { views: Pick<ViewStore, "query">; shape: ChangesShape },
): Promise<ViewRow[]> {
  const earlier = newestParts(await views.query(OPEN_PK, { to: sequenceKey(first) }), first);
  const asked = block.filter(({ kind }) => kind.startsWith(REVIEW));
  const own = newestParts(changesRows(OPEN_PK, first, asked, last), last + 1);
  const parts = [...earlier, ...own];
  const sequences = new Set(parts.flatMap(([, postings]) => postings.map(({ sequence }) => sequence)));
  const looked = inTurn([...sequences], first, shape);
  const found = await mapBounded(looked, (sequence) => waits(views, sequence, last));
  const closed = new Set(looked.filter((_, index) => found[index] === false));
  return parts.flatMap(([stem, postings]) => {
    const left = postings.filter(({ sequence }) => !closed.has(sequence));
    const isTold = firstIn(stem) < first ? left.length < postings.length * REWRITTEN_SHARE : left.length > 0;
    return isTold ? [changesRow(OPEN_PK, stem, left, last)] : [];
  });
}
