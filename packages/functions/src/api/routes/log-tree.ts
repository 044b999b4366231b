import { LedgerError } from "@on-record/core/errors";
import { ProofError } from "@on-record/core/log/tree/errors";
import { parseVerifierKey } from "@on-record/core/log/tree/keys";
import { parseTilePath, type TilePath } from "@on-record/core/log/tree/tile-path";
import { readBundle, readTile, signedHead } from "@on-record/core/queries/log-tree";
import type { ApiContext, ApiParts, RouteModule } from "../route.ts";

/** Where a C2SP client finds the log. */
const PREFIX = "/v1/log/";
/** What a tile or bundle holds never changes: nobody need ask twice. */
const KEPT_SECONDS = 31_536_000;

/** The log's name: what its checkpoints begin with, and its keys are called. */
export function originOf({ logKeys }: Pick<ApiParts, "logKeys">): string {
  const [key] = logKeys;
  if (key === undefined) throw new Error("the log has no verifier key");
  return parseVerifierKey(key).name;
}

function notFound(path: string): LedgerError {
  return new LedgerError("tile_not_found", `the log has no ${path.slice(0, 100)}`);
}

/** The tile or bundle that the path names. It is taken as it came: an escaped slash would make two paths of one. */
function tileAsked(path: string): TilePath {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof ProofError) throw notFound(path);
    throw error;
  }
}

async function answerTile(c: ApiContext, { log, publicRead }: ApiParts): Promise<Response> {
  const path = c.req.path.slice(PREFIX.length);
  const { level, index, width } = tileAsked(path);
  const asked = level === "entries" ? readBundle(log, { index, width }) : readTile(log, { level, index, width });
  const bytes = await asked;
  if (bytes === null) throw notFound(path);
  return c.body(new Uint8Array(bytes), 200, {
    "content-type": "application/octet-stream",
    "cache-control": `${publicRead ? "public" : "private"}, max-age=${KEPT_SECONDS}, immutable`,
  });
}

/** The log as anybody can check it: C2SP tlog-tiles, below `/v1/log`. */
export const logTree: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "read",
    path: "/v1/log/checkpoint",
    async handle(c) {
      const { checkpoint } = await signedHead(parts.log);
      if (checkpoint === null) throw new LedgerError("log_empty", "nothing has entered the log yet");
      return c.body(checkpoint, 200, { "content-type": "text/plain; charset=utf-8" });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: "/v1/log/tile/:tile{.+}",
    handle: (c) => answerTile(c, parts),
  },
  {
    method: "GET",
    scope: "read",
    path: "/v1/log/keys",
    handle: (c) => c.json({ origin: originOf(parts), keys: parts.logKeys }),
  },
];
