import { LogKeys, Note, Octets, StatementProof } from "../answers/log.ts";
import { NumberedPage } from "../page.ts";
import { IDS } from "./examples.ts";
import type { Operation } from "./operation.ts";

const MONDAY = ["recordStatement.monday"];
const LOG = { noun: "Log", method: "GET", scope: "read" } as const;

const getLogCheckpoint = {
  ...LOG,
  path: "/v1/log/checkpoint",
  summary: "Read the log's newest checkpoint",
  notes:
    "A signed note (C2SP tlog-checkpoint, signed-note): the log's name, how many entries it has, and the root of the Merkle tree over them (RFC 6962), in three lines; then the signatures. `/v1/log` is the prefix that C2SP clients take.",
  media: "text/plain",
  answer: Note,
  statuses: { 200: "The note." },
  errors: ["log_empty"],
  examples: {
    newest: { summary: "The newest", status: 200, needs: MONDAY },
    empty: { summary: "Of a log without entries", status: 404 },
  },
} as const satisfies Operation;

const getLogTile = {
  ...LOG,
  path: "/v1/log/tile/:tile{.+}",
  summary: "Read a tile of the log's tree, or a bundle of entries",
  notes:
    "As C2SP tlog-tiles has it. `<level>/<number>`: up to 256 hashes of 32 bytes. `entries/<number>`: up to 256 entries, each behind its length in two bytes; an entry is the canonical JSON (RFC 8785) of what `/v1/log` lists. Behind the path of what is not full stands `.p/<width>`: any width will do that the tree has. Nothing of it ever changes.",
  media: "application/octet-stream",
  answer: Octets,
  statuses: { 200: "The tile, or the bundle." },
  errors: ["tile_not_found"],
  examples: {
    hashes: {
      summary: "The hashes of the first two entries",
      params: { tile: "0/000.p/2" },
      status: 200,
      needs: MONDAY,
    },
    entries: { summary: "These entries", params: { tile: "entries/000.p/2" }, status: 200, needs: MONDAY },
    beyond: { summary: "What the tree does not have", params: { tile: "0/x001/067" }, status: 404, needs: MONDAY },
  },
} as const satisfies Operation;

const getLogKeys = {
  ...LOG,
  path: "/v1/log/keys",
  summary: "Read the log's keys",
  notes:
    "The verifier keys that checkpoints are checked with, the one in use first; retired ones stay. Keep the keys that you trust: what a server says of its own keys proves nothing.",
  answer: LogKeys,
  statuses: { 200: "The log's name, and its keys." },
  errors: [],
  examples: { all: { summary: "All", status: 200 } },
} as const satisfies Operation;

const getStatementProof = {
  ...LOG,
  path: "/v1/statements/:id/proof",
  summary: "Prove that a statement was not altered",
  notes:
    "Of each event of its stream that the checkpoint covers: its `entry`, as the log holds it; the hashes from it to the root (`inclusion`); the same as one text that any tool for C2SP tlog-proof takes (`proof`); and what the entry's `digest` was made of, SHA-256 over the bytes of `salt` and the canonical JSON of `data`. `entry` and `data` are written with their keys in canonical order, so that without white space they are the very text. Of an erased event there is no `salt` and no `data`; its proof holds all the same. `after` is the version of the last event seen.",
  query: NumberedPage,
  list: "events",
  answer: StatementProof,
  statuses: { 200: "Proofs against the newest checkpoint, and events that it does not cover yet." },
  errors: ["statement_not_found"],
  examples: {
    monday: { summary: "Of a statement", params: { id: IDS.monday }, status: 200, needs: MONDAY },
  },
} as const satisfies Operation;

export const LOG_TREE = { getLogCheckpoint, getLogTile, getLogKeys, getStatementProof };
