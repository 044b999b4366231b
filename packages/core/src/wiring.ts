/**
 * How the parts are wired, as data: the one place from which both the cloud (`infra/`) and the
 * one-machine ledger (`packages/local`) take tables, stream filters, rules and retry settings.
 */

/** Every table has a string partition key `pk` and a string sort key `sk`. */
export const TABLES = {
  events: { stream: true },
  log: { stream: false },
  views: { stream: true },
  control: { stream: false },
} as const;
export type TableName = keyof typeof TABLES;

/** The source field of what the ledger itself puts on the bus. */
export const LEDGER_SOURCE = "on-record.ledger";
/** The source field of derived events: what subscribers match. */
export const POSITIONS_SOURCE = "on-record.positions";

/** Partition, in Views and Control, of how far projections and deliveries have come. */
export const CHECKPOINT_PK = "checkpoint";

/** DynamoDB stream → function. Filters are Lambda event-filter patterns over the stream record. */
export const STREAM_CONSUMERS = {
  sequence: {
    table: "events",
    batchSize: 100,
    filters: [{ eventName: ["INSERT"] }],
  },
  "publish-changes": {
    table: "views",
    batchSize: 100,
    // A projection's checkpoint moved: rows, and the derived events among them, have become visible.
    filters: [{ eventName: ["INSERT", "MODIFY"], dynamodb: { Keys: { pk: { S: [CHECKPOINT_PK] } } } }],
  },
} as const;
export type StreamConsumerName = keyof typeof STREAM_CONSUMERS;

/** Bus rule → queue. Patterns are EventBridge event patterns. */
export const RULES = {
  "wake-projections": { pattern: { source: [LEDGER_SOURCE] }, queue: "projection" },
  "wake-erasure": { pattern: { source: [LEDGER_SOURCE], "detail-type": ["StatementErased"] }, queue: "erasure" },
} as const;

/** Queue → function. After `maxReceives` failed receives a message goes to the dead letters. */
export const QUEUES = {
  projection: { handler: "project", batchSize: 10, visibilitySeconds: 90, maxReceives: 10 },
  // It waits for the projections, which may be busy with a rebuild for hours.
  erasure: { handler: "erase", batchSize: 10, visibilitySeconds: 300, maxReceives: 500 },
} as const;

/** HTTP paths → function; everything else is the API's. */
export const HTTP_PATHS = { "/openapi.json": "describe", "/docs": "describe" } as const;
