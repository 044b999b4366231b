import type { PositionId } from "../../domain/position/entry.ts";
import type { ViewRow } from "../../log/ports.ts";
import { momentKey } from "../moments.ts";
import { packItem, shortKey, type TimelineItem } from "./page-form.ts";
import type { Trigger } from "./refold.ts";
import { DIRECTORY_STEM, pageStem, positionPk } from "./rows.ts";
import { byKey, VERSIONS_READ_COUNT, type DirectoryRow, type Page, type PageRow, type Timeline } from "./timeline.ts";

/** Chosen so that the versions of a page that are read together stay within 4 KB, one unit to read. */
export const PAGE_ITEMS = 40;
/** With more changes at once than this, all of the page costs hardly more. */
const EDITED_ITEMS = 6;

/** An item that stands from now on, or the key of one that does no longer. */
export type TimelineChange = TimelineItem | string;

/** The page that a key falls into. */
function placeIn(starts: readonly string[], key: string): string {
  return starts.findLast((start) => start <= key) ?? "";
}

function edited({ items }: Page, changes: readonly TimelineChange[]): TimelineItem[] {
  const kept = new Map(items.map((item) => [item.key, item]));
  for (const change of changes) {
    if (typeof change === "string") kept.delete(change);
    else kept.set(change.key, change);
  }
  return [...kept.values()].toSorted(byKey);
}

/** Where only the end grows, pages stay full; elsewhere they are halved. */
function split(items: readonly TimelineItem[], grewAtEnd: boolean, pageItems: number): TimelineItem[][] {
  if (items.length <= pageItems) return [[...items]];
  const at = grewAtEnd ? pageItems : Math.ceil(items.length / 2);
  return [items.slice(0, at), ...split(items.slice(at), grewAtEnd, pageItems)];
}

function whole(number: number, items: readonly TimelineItem[]): PageRow {
  return { number, items: items.map(packItem) };
}

/** A version that says all where the last versions have not, or where much has changed. */
function versionOf(page: Page, number: number, changes: readonly TimelineChange[]): PageRow {
  const few = page.edits + 1 < VERSIONS_READ_COUNT && changes.length <= EDITED_ITEMS;
  if (!few) return whole(number, edited(page, changes));
  const set = changes.filter((change) => typeof change !== "string").map(packItem);
  const gone = changes.filter((change) => typeof change === "string").map(shortKey);
  return { number, ...(set.length > 0 && { set }), ...(gone.length > 0 && { gone }) };
}

/**
 * The rows by which a timeline takes up what one event changes: a version of each page that it touches, and one of the
 * list of pages where there are more of them now. `number` is the last one given to an announcement.
 */
export async function pageRows(
  timeline: Timeline,
  { position, trigger, pageItems }: { position: PositionId; trigger: Trigger; pageItems: number },
  changes: readonly TimelineChange[],
  number: number,
): Promise<ViewRow[]> {
  const moment = momentKey(trigger.recordedAt, trigger.sequence);
  const pk = positionPk(position);
  const known = await timeline.starts();
  const starts = known.length === 0 ? [""] : known;
  const last = starts.at(-1) ?? "";
  const touched = new Map<string, TimelineChange[]>();
  for (const change of changes) {
    const start = placeIn(starts, typeof change === "string" ? change : change.key);
    touched.set(start, [...(touched.get(start) ?? []), change]);
  }
  if (number !== (await timeline.number()) && !touched.has(last)) touched.set(last, []);

  const rows: ViewRow[] = [];
  const fresh: string[] = [];
  const add = (start: string, body: PageRow) => rows.push({ pk, sk: `${pageStem(shortKey(start))}${moment}`, body });
  for (const [start, some] of touched) {
    const page = known.length === 0 ? null : await timeline.page(start);
    const items = edited(page ?? { start, items: [], number, edits: 0 }, some);
    const grewAtEnd = start === last && items.at(-1)?.key !== page?.items.at(-1)?.key;
    const [first = [], ...others] = split(items, grewAtEnd, pageItems);
    if (page === null || others.length > 0) add(start, whole(number, first));
    else add(start, versionOf(page, number, some));
    for (const part of others) {
      const key = part[0]?.key ?? "";
      fresh.push(key);
      add(key, whole(number, part));
    }
  }
  if (known.length === 0 || fresh.length > 0) {
    const all = [...starts, ...fresh].toSorted((a, b) => (a < b ? -1 : 1));
    rows.push({ pk, sk: `${DIRECTORY_STEM}${moment}`, body: { starts: all.map(shortKey) } satisfies DirectoryRow });
  }
  return rows;
}
