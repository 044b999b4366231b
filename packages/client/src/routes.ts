import type { Routes } from "./types.ts";

/**
 * Every route: its method, its path, and how it is asked. For a list that is the field of its items. `body` says that
 * it takes one and that a repeat is harmless by itself; `key`, that only an Idempotency-Key makes it so.
 *
 * Recording is `body`: the ledger knows a statement by who said what and where it was read, and a key made up for each
 * call would make two of one that is sent twice. `text` and `bytes` are what is answered in place of JSON.
 */
export const ROUTES = {
  recordStatement: ["POST", "/v1/statements", "body"],
  recordStatements: ["POST", "/v1/statements:batch", "body"],
  listStatements: ["GET", "/v1/statements", "statements"],
  getStatement: ["GET", "/v1/statements/:id", "query"],
  listStatementEvents: ["GET", "/v1/statements/:id/events", "events"],
  addReport: ["POST", "/v1/statements/:id/reports", "key"],
  withdrawReport: ["POST", "/v1/statements/:id/reports/:report/withdrawal", "key"],
  assessStatement: ["POST", "/v1/statements/:id/assessments", "key"],
  correctStatement: ["POST", "/v1/statements/:id/corrections", "key"],
  disputeStatement: ["POST", "/v1/statements/:id/disputes", "key"],
  meetCondition: ["POST", "/v1/statements/:id/conditions", "key"],
  settleStatement: ["POST", "/v1/statements/:id/settlements", "key"],
  mergeStatement: ["POST", "/v1/statements/:id/merge", "key"],
  withdrawStatement: ["POST", "/v1/statements/:id/withdrawal", "key"],
  reinstateStatement: ["POST", "/v1/statements/:id/reinstatement", "key"],
  eraseStatement: ["POST", "/v1/statements/:id/erasure", "key"],
  putActor: ["PUT", "/v1/actors/:id", "key"],
  getActor: ["GET", "/v1/actors/:id", "query"],
  listActors: ["GET", "/v1/actors", "actors"],
  listActorEvents: ["GET", "/v1/actors/:id/events", "events"],
  putProposition: ["PUT", "/v1/propositions/:id", "key"],
  getProposition: ["GET", "/v1/propositions/:id", "query"],
  listPropositions: ["GET", "/v1/propositions", "propositions"],
  listPropositionEvents: ["GET", "/v1/propositions/:id/events", "events"],
  getPosition: ["GET", "/v1/actors/:id/positions/:proposition", "query"],
  listPositionsOfActor: ["GET", "/v1/actors/:id/positions", "positions"],
  listPositionsOnProposition: ["GET", "/v1/propositions/:id/positions", "positions"],
  listHistory: ["GET", "/v1/actors/:id/positions/:proposition/history", "history"],
  listChanges: ["GET", "/v1/changes", "changes"],
  listReview: ["GET", "/v1/review", "review"],
  listLog: ["GET", "/v1/log", "entries"],
  getLogCheckpoint: ["GET", "/v1/log/checkpoint", "text"],
  getLogTile: ["GET", "/v1/log/tile/:tile{.+}", "bytes"],
  getLogKeys: ["GET", "/v1/log/keys", "plain"],
  getStatementProof: ["GET", "/v1/statements/:id/proof", "events"],
  exportLedger: ["GET", "/v1/export", "lines"],
  createToken: ["POST", "/v1/tokens", "key"],
  listTokens: ["GET", "/v1/tokens", "tokens"],
  getToken: ["GET", "/v1/tokens/:id", "plain"],
  rotateToken: ["POST", "/v1/tokens/:id/rotation", "key"],
  revokeToken: ["DELETE", "/v1/tokens/:id", "plain"],
  getPrincipal: ["GET", "/v1/principal", "plain"],
  getHealth: ["GET", "/health", "plain"],
  getDescription: ["GET", "/openapi.json", "plain"],
} as const satisfies Routes;
