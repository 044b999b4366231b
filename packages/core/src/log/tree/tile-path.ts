import { ProofError } from "./errors.ts";
import { TILE_WIDTH } from "./tile.ts";

/** What a path under the log's address names: a tile by its level, or a bundle of entries. */
export interface TilePath {
  readonly level: number | "entries";
  readonly index: number;
  /** 256 when it is full. */
  readonly width: number;
}

/** As C2SP tlog-tiles has it: `tile/0/x001/x234/067`, and `.p/5` behind the path of one that is not full. */
export function tilePath(path: TilePath): string {
  const { level, index, width } = path;
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const place = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${place}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/;
const MAX_LEVEL = 63;

export function parseTilePath(text: string): TilePath {
  const [, name, place, partial] = PATH.exec(text) ?? [];
  if (name === undefined || place === undefined) throw notAPath(text);
  const level = name === "entries" ? name : Number(name);
  const index = Number(place.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const path: TilePath = { level, index, width };
  const inRange = (level === "entries" || level <= MAX_LEVEL) && width > 0 && Number.isSafeInteger(index);
  // One tile, one path: surplus zeroes would make two of it for every cache.
  if (!inRange || tilePath(path) !== text) throw notAPath(text);
  return path;
}

const notAPath = (text: string) =>
  new ProofError("malformed", `${JSON.stringify(text.slice(0, 100))} is not the path of a tile or bundle`);
