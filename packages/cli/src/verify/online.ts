import { parseBundle } from "@on-record/core/log/tree/bundle";
import { checkGrowth, growthTiles, leafRuns } from "@on-record/core/log/tree/audit";
import { entryBytes, parseEntry } from "@on-record/core/log/tree/entry";
import { ProofError } from "@on-record/core/log/tree/errors";
import { leafHash, type TreeHead } from "@on-record/core/log/tree/hash";
import { readerOf, tileAt, TILE_WIDTH, type Tile } from "@on-record/core/log/tree/tile";
import { tilePath } from "@on-record/core/log/tree/tile-path";
import { isForbidden, type RemoteLedger } from "../ledger.ts";
import { compareAll, type Held, type Wanted } from "./compare.ts";
import { EventChecks } from "./events.ts";
import { Found } from "./finding.ts";
import { headOf, type Kept } from "./keep.ts";
import { StatementOpenings } from "./openings.ts";
import { trust } from "./trust.ts";
import { refuseShrunk, seenBefore, verified, type Verified, type VerifyAsked } from "./verify.ts";

/** Loads tiles and bundles by the path that C2SP gives them. */
function loader({ client, options }: RemoteLedger) {
  return (tile: Parameters<typeof tilePath>[0]): Promise<Uint8Array> =>
    client.getLogTile(tilePath(tile).replace(/^tile\//, ""), options);
}

async function* leavesOf(ledger: RemoteLedger, head: TreeHead): AsyncGenerator<Wanted> {
  for await (const { leaves } of leafRuns(head, loader(ledger))) for (const leaf of leaves) yield { leaf };
}

/** The entries as bundles have them: without what was said. */
async function* bundledEntries(ledger: RemoteLedger, size: number): AsyncGenerator<Held> {
  const load = loader(ledger);
  for (let index = 0; ; index += 1) {
    const tile = tileAt(0, index, size);
    if (tile === undefined) return;
    const bytes = await load({ level: "entries", index, width: tile.width });
    for (const entry of parseBundle(bytes, tile.width))
      yield { leaf: leafHash(entry), line: { entry: parseEntry(entry) } };
    if (tile.width < TILE_WIDTH) return;
  }
}

/** The lines of the export's route, which have everything. */
async function* exportedLines({ client, options }: RemoteLedger, size: number): AsyncGenerator<Held> {
  for (let after = -1; after + 1 < size;) {
    const { lines } = await client.exportLedger({ ...(after >= 0 && { after }) }, options);
    if (lines.length === 0) return;
    for (const line of lines.slice(0, size - after - 1)) yield { leaf: leafHash(entryBytes(line.entry)), line };
    after += lines.length;
  }
}

/** Whether the token may see everything. */
async function mayExport({ client, options }: RemoteLedger): Promise<boolean> {
  try {
    await client.exportLedger({ limit: 1 }, options);
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** Throws unless the log is that which was seen before, continued. */
async function checkContinued(ledger: RemoteLedger, head: TreeHead, seen: Kept | undefined): Promise<void> {
  refuseShrunk(head, seen);
  if (seen === undefined) return;
  const load = loader(ledger);
  const tiles: (readonly [Tile, Uint8Array])[] = [];
  for (const tile of growthTiles(headOf(seen), head)) tiles.push([tile, await load(tile)]);
  await proving("forked", async () => checkGrowth(headOf(seen), head, readerOf(tiles)));
}

/** What the ledger answers is not trusted: where the log's mathematics refuses it, that is a finding. */
async function proving<T>(kind: "forked" | "altered", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProofError) throw new Found(kind, error.message, {}, error);
    throw error;
  }
}

/** At an address where another log was found before, this one is not simply a new one. */
function refuseOther(origin: string, before: string | undefined, url: string): void {
  if (before === undefined || before === origin) return;
  throw new Found("other_log", `at ${url} was the log ${before} when it was seen last, and now is ${origin}`);
}

/** Proves the log of a ledger that answers over HTTP. Throws the first thing that is wrong. */
export async function verifyRemote(
  ledger: RemoteLedger,
  { given, kept, signal, onStart }: VerifyAsked,
): Promise<Verified> {
  const { client, options, url } = ledger;
  const note = await client.getLogCheckpoint(options);
  const { keys: offered } = await client.getLogKeys(options);
  const trusted = trust(note, { given, offered, kept });
  const head = trusted.checkpoint;
  if (given.length === 0) refuseOther(head.origin, kept.addresses[url], url);
  const seen = seenBefore(trusted, kept);
  await checkContinued(ledger, head, seen);
  const isWhole = await mayExport(ledger);
  const checks = new EventChecks();
  const openings = new StatementOpenings();
  const onStep = onStart(head.size);
  const held = isWhole ? exportedLines(ledger, head.size) : bundledEntries(ledger, head.size);
  await proving("altered", async () =>
    compareAll(
      leavesOf(ledger, head),
      held,
      (line) => (isWhole ? checks.add(line) : openings.add(line.entry)),
      (done) => {
        signal.throwIfAborted();
        onStep(done);
      },
    ),
  );
  await openings.check(ledger, checks, () => signal.throwIfAborted());
  checks.finish();
  const { digests, erased } = checks;
  return verified(trusted, { digests, erased, withoutData: openings.others }, seen);
}
