import type { PositionId } from "../../domain/position/entry.ts";
import type { ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { newestVersions, type Horizon } from "../moments.ts";
import { entryVersion } from "./entries.ts";
import type { EntryRow } from "./entry-form.ts";
import { longKey, shortKey, unpackItem, type PackedItem, type TimelineItem } from "./page-form.ts";
import { DIRECTORY_STEM, pageStem, positionPk } from "./rows.ts";

/** Of so many consecutive versions of a page at least one holds all of it; the others say what changed. */
export const VERSIONS_READ_COUNT = 4;

/** The keys that the pages begin with, short, in order. */
export interface DirectoryRow {
  starts: string[];
}

/** A version of a page: all its items, or what is set and what is gone since the version before. */
export interface PageRow {
  /** The last number given to an announcement of the position, as the last page knows it. */
  number: number;
  items?: PackedItem[];
  set?: PackedItem[];
  gone?: string[];
}

/** A page as versions leave it. */
export interface Page {
  /** The key that it begins with. */
  start: string;
  items: TimelineItem[];
  number: number;
  /** Versions since the last that holds all. */
  edits: number;
}

/** Entries read ahead: most often the next one is the last that is asked for. */
const FIRST_AHEAD_COUNT = 2;
const MOST_AHEAD_COUNT = 24;

export function byKey(a: TimelineItem, b: TimelineItem): number {
  return a.key < b.key ? -1 : 1;
}

function pageOf(start: string, versions: readonly PageRow[]): Page {
  const full = versions.findIndex(({ items }) => items !== undefined);
  const whole = versions[full]?.items;
  if (whole === undefined) throw new Error(`no version of the page ${start} holds all of it`);
  const items = new Map(whole.map((item) => [item[0], item]));
  for (const { set = [], gone = [] } of versions.slice(0, full).toReversed()) {
    for (const item of set) items.set(item[0], item);
    for (const key of gone) items.delete(key);
  }
  const sorted = [...items.values()].map(unpackItem).toSorted(byKey);
  return { start, items: sorted, number: versions[0]?.number ?? 0, edits: full };
}

/**
 * The entries of one position in order, as they stood at any moment. They are listed in pages of some dozens; a page
 * is kept in versions by the moment that made them, and so is the list of the pages. Where the actor stood is found by
 * two reads, one of the list and one of a page, however many entries there are and whatever was recorded later.
 */
export class Timeline {
  readonly #views: Pick<ViewStore, "query" | "get">;
  readonly #position: PositionId;
  readonly #horizon: Horizon;
  readonly #pages = new Map<string, Promise<Page>>();
  #starts: Promise<string[]> | undefined;

  constructor(views: Pick<ViewStore, "query" | "get">, position: PositionId, horizon: Horizon) {
    this.#views = views;
    this.#position = position;
    this.#horizon = horizon;
  }

  async #versions(stem: string, limit: number) {
    return newestVersions(this.#views, { pk: positionPk(this.#position), stem }, this.#horizon, limit);
  }

  async #readStarts(): Promise<string[]> {
    const [row] = await this.#versions(DIRECTORY_STEM, 1);
    return row === undefined ? [] : bodyOf<DirectoryRow>(row).starts.map(longKey);
  }

  async #readPage(start: string): Promise<Page> {
    const rows = await this.#versions(pageStem(shortKey(start)), VERSIONS_READ_COUNT);
    return pageOf(start, rows.map(bodyOf<PageRow>));
  }

  /** The keys that pages begin with, in order; none where the position has no entries and had none. */
  starts(): Promise<string[]> {
    this.#starts ??= this.#readStarts();
    return this.#starts;
  }

  page(start: string): Promise<Page> {
    const page = this.#pages.get(start) ?? this.#readPage(start);
    this.#pages.set(start, page);
    return page;
  }

  /** The last number given to an announcement. */
  async number(): Promise<number> {
    const last = (await this.starts()).at(-1);
    return last === undefined ? 0 : (await this.page(last)).number;
  }

  /** The last item before a bound. It may stand on a page before the one that the bound falls into. */
  async lastBefore(bound: string): Promise<TimelineItem | null> {
    const starts = (await this.starts()).filter((start) => start < bound);
    for (const start of starts.toReversed()) {
      const { items } = await this.page(start);
      const last = items.findLast(({ key }) => key < bound);
      if (last !== undefined) return last;
    }
    return null;
  }

  /** The items from a key on, in order. */
  async *itemsFrom(key: string): AsyncGenerator<TimelineItem> {
    const starts = await this.starts();
    const first = starts.findLastIndex((start) => start <= key);
    for (const start of starts.slice(Math.max(first, 0))) {
      const { items } = await this.page(start);
      yield* items.filter((item) => item.key >= key);
    }
  }

  entry(item: TimelineItem): Promise<EntryRow> {
    return entryVersion(this.#views, this.#position, item);
  }

  /** The entries from a key on, in order; read ahead a few at a time. */
  async *entriesFrom(key: string): AsyncGenerator<EntryRow> {
    let ahead: TimelineItem[] = [];
    let count = FIRST_AHEAD_COUNT;
    for await (const item of this.itemsFrom(key)) {
      ahead.push(item);
      if (ahead.length < count) continue;
      yield* await this.#entries(ahead);
      ahead = [];
      count = Math.min(count * 2, MOST_AHEAD_COUNT);
    }
    yield* await this.#entries(ahead);
  }

  #entries(items: readonly TimelineItem[]): Promise<EntryRow[]> {
    return Promise.all(items.map((item) => this.entry(item)));
  }
}
