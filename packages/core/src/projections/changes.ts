import type { ViewRow, ViewStore } from "../log/ports.ts";
import { bodyOf } from "./body.ts";
import { openRows } from "./changes/open.ts";
import { changePostingOf, type ChangePosting } from "./changes/posting.ts";
import {
  BROAD,
  CHANGE_LEAVES_PK,
  changeListPk,
  CHANGES,
  CHANGES_SHAPE,
  changesBlockOf,
  changesIn,
  changesRevision,
  changesRows,
  NARROW,
  ordinalIn,
  sharedListPk,
  type ChangesShape,
} from "./changes/rows.ts";
import type { DerivedEvent } from "./positions/derived.ts";
import { positions } from "./positions.ts";
import { derivedPk, nextDerivedBucket, POSITIONS } from "./positions/rows.ts";
import { sequenceKey, type FollowingProjection } from "./projection.ts";

/** The derived events of a range of the log, in its order. */
async function derivedBetween(views: Pick<ViewStore, "query">, first: number, end: number): Promise<ChangePosting[]> {
  const postings: ChangePosting[] = [];
  for (let at = first; at < end; at = nextDerivedBucket(at)) {
    const rows = await views.query(derivedPk(at), { from: sequenceKey(at), to: sequenceKey(end) });
    postings.push(...rows.map((row) => changePostingOf(bodyOf<DerivedEvent>(row), ordinalIn(row.sk))));
  }
  return postings;
}

function grouped(postings: readonly ChangePosting[], codeOf: (posting: ChangePosting) => string) {
  const groups = new Map<string, ChangePosting[]>();
  for (const posting of postings) {
    const code = codeOf(posting);
    const group = groups.get(code);
    if (group === undefined) groups.set(code, [posting]);
    else group.push(posting);
  }
  return groups;
}

/** A block's lists: of each letter its own, of each id its own or one that is shared. */
function listRows(postings: readonly ChangePosting[], first: number, last: number, shape: ChangesShape): ViewRow[] {
  const lists = new Map<string, ChangePosting[]>();
  // Who asks by letters alone asks for no id.
  const bare = postings.map((posting) => ({ ...posting, actor: "", proposition: "" }));
  for (const [place, fact] of BROAD.entries()) {
    for (const [letter, some] of grouped(bare, ({ kind }) => kind.charAt(place))) {
      if (/[a-z]/.test(letter)) lists.set(changeListPk(fact, letter), some);
    }
  }
  for (const fact of NARROW) {
    const often = [...grouped(postings, (posting) => posting[fact])].filter(([, some]) => some.length > shape.ownCount);
    const own = new Set(often.map(([code]) => code));
    for (const [code, some] of often) lists.set(changeListPk(fact, code), some);
    const seldom = postings.filter((posting) => !own.has(posting[fact]));
    for (const [pk, some] of grouped(seldom, (posting) => sharedListPk(fact, posting[fact], shape)))
      lists.set(pk, some);
  }
  return [...lists].flatMap(([pk, some]) => changesRows(pk, first, some, last));
}

/**
 * Where derived events can be found by actor, proposition, type, change, reversal and cause, and what of them may still
 * wait for an editor. It reads no events: what the positions made of them is all that it lists.
 */
export function changesWith(shape: ChangesShape): FollowingProjection {
  return {
    name: CHANGES,
    revision: changesRevision(positions.revision),
    follows: POSITIONS,
    blockEvents: shape.leafEvents,
    async apply({ first, end }, views) {
      const last = end - 1;
      const leaf = await derivedBetween(views, first, end);
      const rows = changesRows(CHANGE_LEAVES_PK, first, leaf, last);
      const size = changesBlockOf(shape);
      if (end % size !== 0) return rows;
      const before = await views.query(CHANGE_LEAVES_PK, { from: sequenceKey(end - size), to: sequenceKey(first) });
      const block = [...before.flatMap(changesIn), ...leaf];
      return [
        ...rows,
        ...listRows(block, end - size, last, shape),
        ...(await openRows(block, end - size, last, { views, shape })),
      ];
    },
  };
}

export const changes = changesWith(CHANGES_SHAPE);
