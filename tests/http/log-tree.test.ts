// An auditor who has nothing but HTTP, the standards, and the keys that it was given.
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { checkGrowth, firstFault, growthTiles, leafRuns, type LeafRun } from "@on-record/core/log/tree/audit";
import { parseBundle } from "@on-record/core/log/tree/bundle";
import { openCheckpoint, type LogTrust } from "@on-record/core/log/tree/checkpoint";
import { parseEntry } from "@on-record/core/log/tree/entry";
import { leafHash } from "@on-record/core/log/tree/hash";
import { parseVerifierKey } from "@on-record/core/log/tree/keys";
import { readerOf, tileAt, TILE_WIDTH, type Tile } from "@on-record/core/log/tree/tile";
import { tilePath } from "@on-record/core/log/tree/tile-path";
import { answerGateway } from "@on-record/functions/http/gateway";
import { beforeAll, describe, expect, test } from "vitest";
import { altered } from "../helpers/naive-tree.ts";
import { ORIGIN, VERIFIER_KEY } from "../helpers/log-keys.ts";
import { seed, statement, testApi, TOKEN, withStatement, type TestApi } from "./api-for-tests.ts";

type Caller = Pick<TestApi, "call">;

/** What the ledger says of itself, of which only the keys are trusted here. */
async function trusted({ call }: Caller): Promise<LogTrust> {
  const { body } = await call("GET", "/v1/log/keys");
  return { origin: body.origin, verifiers: body.keys.map(parseVerifierKey) };
}

async function checkpointOf(api: Caller) {
  const { status, body } = await api.call("GET", "/v1/log/checkpoint");
  expect(status).toBe(200);
  return openCheckpoint(body, await trusted(api)).checkpoint;
}

async function tileOf({ call }: Caller, tile: Tile): Promise<Uint8Array> {
  const { status, body } = await call("GET", `/v1/log/${tilePath(tile)}`);
  expect(status).toBe(200);
  return body;
}

/** All that the log's tiles prove, and all that its bundles hold. */
async function wholeOf(api: Caller, loaded: (tile: Tile) => Promise<Uint8Array> = (tile) => tileOf(api, tile)) {
  const head = await checkpointOf(api);
  const runs: LeafRun[] = [];
  for await (const run of leafRuns(head, loaded)) runs.push(run);
  const bundles: Uint8Array[][] = [];
  for (const { first } of runs) {
    const { index, width } = tileAt(0, first / TILE_WIDTH, head.size) ?? { index: 0, width: 0 };
    const { body } = await api.call("GET", `/v1/log/${tilePath({ level: "entries", index, width })}`);
    bundles.push(parseBundle(body, width));
  }
  return { head, runs, bundles };
}

/** Records so many statements, each by one short event. */
async function recordMany({ call }: Caller, count: number, name: string): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const statements = Array.from({ length: Math.min(100, count - from) }, (_, nth) => {
      const report = { publisher: "Wire", url: `https://wire.example/${name}/${from + nth}` };
      return statement({ text: "No.", report, assessments: [] });
    });
    const { body } = await call("POST", "/v1/statements:batch", { body: { statements } });
    expect(body.counts.recorded).toBe(statements.length);
  }
}

describe("a log that has grown past a full tile", () => {
  const api = testApi();
  let earlier: Awaited<ReturnType<typeof checkpointOf>>;

  beforeAll(async () => {
    await seed(api);
    await recordMany(api, 167, "a");
    await api.enterLog();
    earlier = await checkpointOf(api);
    await recordMany(api, 130, "b");
    await api.enterLog();
  });

  test("is proved by its tiles, and its bundles hold the very entries that it lists", async () => {
    const { head, runs, bundles } = await wholeOf(api);
    expect([head.origin, head.size]).toEqual([ORIGIN, 300]);
    expect(runs.map(({ first, leaves }) => [first, leaves.length])).toEqual([
      [0, 256],
      [256, 44],
    ]);
    for (const [nth, run] of runs.entries())
      expect(firstFault(run, (bundles[nth] ?? []).map(leafHash))).toBeUndefined();
    const listed = [];
    for (let after = -1; after < 299; after += 100) {
      const from = after < 0 ? "" : `&after=${after}`;
      listed.push(...(await api.call("GET", `/v1/log?limit=100${from}`)).body.entries);
    }
    expect(bundles.flat().map(parseEntry)).toEqual(listed);
  });

  test("is shown by its tiles to begin with what was signed before", async () => {
    const head = await checkpointOf(api);
    const read = async (): Promise<(readonly [Tile, Uint8Array])[]> => {
      const tiles = [];
      for (const tile of growthTiles(earlier, head)) tiles.push([tile, await tileOf(api, tile)] as const);
      return tiles;
    };
    const tiles = await read();
    expect(earlier.size).toBe(170);
    expect(() => checkGrowth(earlier, head, readerOf(tiles))).not.toThrow();
    const forked = { ...earlier, root: altered(earlier.root, 5) };
    expect(() => checkGrowth(forked, head, readerOf(tiles))).toThrow("does not begin with that of 170");
  });

  test.each([0, 31, 100, 8_191])("is found out where byte %i of a tile is another", async (at) => {
    const load = async (tile: Tile) => {
      const bytes = await tileOf(api, tile);
      return tile.level === 0 && tile.index === 0 ? altered(bytes, at) : bytes;
    };
    await expect(wholeOf(api, load)).rejects.toThrow("tile 0 of level 0 is not what the tile above it says");
  });

  test("is found out where an entry is altered, left out, or moved", async () => {
    const { runs, bundles } = await wholeOf(api);
    const [run = { first: 0, leaves: [] }] = runs;
    const entries = bundles[0] ?? [];
    const fault = (found: readonly Uint8Array[]) => firstFault(run, found.map(leafHash));
    const [first = new Uint8Array(), second = new Uint8Array()] = entries;
    expect(fault(entries.with(77, altered(entries[77] ?? new Uint8Array(), 40)))).toEqual({
      sequence: 77,
      kind: "altered",
    });
    expect(fault(entries.toSpliced(12, 1))).toEqual({ sequence: 12, kind: "missing" });
    expect(fault(entries.toSpliced(0, 2, second, first))).toEqual({ sequence: 0, kind: "moved" });
  });

  test("gives every part of a tile that it had when it was smaller, and nothing that it does not have", async () => {
    const whole = await tileOf(api, { level: 0, index: 0, width: 256 });
    const { body: bundle } = await api.call("GET", "/v1/log/tile/entries/000");
    for (const width of [1, 44, 170, 255]) {
      expect(await tileOf(api, { level: 0, index: 0, width })).toEqual(whole.slice(0, width * 32));
      const { body } = await api.call("GET", `/v1/log/tile/entries/000.p/${width}`);
      expect(parseBundle(body, width)).toEqual(parseBundle(bundle, 256).slice(0, width));
    }
  });

  test.each([
    "0/001",
    "0/001.p/45",
    "0/002.p/1",
    "1/000",
    "1/000.p/2",
    "2/000.p/1",
    "63/000.p/1",
    "entries/001",
    "entries/001.p/45",
    "entries/x900/x719/x925/474/099",
    "0/x900/x719/x925/x474/x099/999",
  ])("has no %s", async (path) => {
    const { status, body } = await api.call("GET", `/v1/log/tile/${path}`);
    expect([status, body.code]).toEqual([404, "tile_not_found"]);
  });

  // One tile, one path: whoever keeps tiles by their paths keeps none twice.
  test.each([
    "0/0",
    "0/0000",
    "00/000",
    "0/x000/000",
    "0/000.p/256",
    "0/000.p/0",
    "0/000.p/01",
    "0%2F000",
    "0/000/",
    "x",
  ])("has one path for each tile, and %s is none", async (path) => {
    const { status, body } = await api.call("GET", `/v1/log/tile/${path}`);
    expect([status, body.code]).toEqual([404, "tile_not_found"]);
  });
});

describe("the log's routes", () => {
  test("say of an empty log that it has no checkpoint and no tile, and have its keys", async () => {
    const { call } = testApi();
    const checkpoint = await call("GET", "/v1/log/checkpoint");
    expect([checkpoint.status, checkpoint.body.code]).toEqual([404, "log_empty"]);
    expect((await call("GET", "/v1/log/tile/0/000.p/1")).body.code).toBe("tile_not_found");
    expect((await call("GET", "/v1/log/keys")).body).toEqual({ origin: ORIGIN, keys: [VERIFIER_KEY] });
  });

  test("let what never changes be kept, by everybody where reading is public, and the checkpoint by nobody", async () => {
    for (const publicRead of [false, true]) {
      const api = await withStatement({}, { publicRead });
      await api.enterLog();
      const headers = async (path: string) => {
        const { headers } = await api.call("GET", `/v1/log/${path}`);
        return [headers.get("content-type"), headers.get("cache-control")];
      };
      const kept = `${publicRead ? "public" : "private"}, max-age=31536000, immutable`;
      expect(await headers("checkpoint")).toEqual(["text/plain; charset=utf-8", "no-store"]);
      expect(await headers("tile/0/000.p/2")).toEqual(["application/octet-stream", kept]);
      expect(await headers("tile/entries/000.p/2")).toEqual(["application/octet-stream", kept]);
      expect((await headers("tile/0/001"))[1]).toBe("no-store");
    }
  });

  test("answer HEAD, and refuse what is no reading", async () => {
    const { call, enterLog } = await withStatement();
    await enterLog();
    for (const path of ["checkpoint", "tile/0/000.p/2", "keys"]) {
      expect((await call("HEAD", `/v1/log/${path}`)).status).toBe(200);
      const { status, body } = await call("POST", `/v1/log/${path}`);
      expect([status, body.allowed]).toEqual([405, ["GET", "HEAD"]]);
    }
  });

  test("come through API Gateway byte for byte", async () => {
    const { app, call, enterLog } = await withStatement();
    await enterLog();
    const through = async (path: string) => {
      const http = { method: "GET", path };
      return answerGateway(app, {
        version: "2.0",
        routeKey: "$default",
        rawPath: path,
        rawQueryString: "",
        headers: { authorization: `Bearer ${TOKEN}` },
        requestContext: { domainName: "api.example", http } as APIGatewayProxyEventV2["requestContext"],
        isBase64Encoded: false,
      });
    };
    const tile = await through("/v1/log/tile/0/000.p/3");
    expect(tile.isBase64Encoded).toBe(true);
    const { body } = await call("GET", "/v1/log/tile/0/000.p/3");
    expect(new Uint8Array(Buffer.from(tile.body ?? "", "base64"))).toEqual(body);
    const note = await through("/v1/log/checkpoint");
    expect(note).toMatchObject({ isBase64Encoded: false, body: (await call("GET", "/v1/log/checkpoint")).body });
  });
});
