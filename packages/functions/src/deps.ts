import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { createAccess } from "@on-record/core/access/principals";
import type { SequencerDeps } from "@on-record/core/sequencer/sequence";
import { formatVerifierKey } from "@on-record/core/log/tree/keys";
import type { ErasureDeps } from "@on-record/core/erasure/erase";
import { DynamoEraser } from "@on-record/core/storage/dynamo-eraser";
import { DynamoTokens } from "@on-record/core/storage/dynamo-tokens";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import type { PublishDerivedDeps } from "@on-record/core/delivery/publish-derived";
import type { ProjectionDeps } from "@on-record/core/projections/run";
import { withRecentCheckpoint } from "@on-record/core/queries/recent-checkpoint";
import { findSimilar } from "@on-record/core/queries/similar";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { EventBridgeBus } from "@on-record/core/storage/eventbridge-bus";
import { leanClient } from "@on-record/core/storage/lean-client";
import type { ApiDeps } from "./api/route.ts";
import { checkpointSigner } from "@on-record/core/sequencer/seal";
import { createLogger } from "./http/logger.ts";
import { pooledRandom } from "./random.ts";
import { opennessOf, withSettings } from "./settings.ts";

/**
 * The only reader of the environment and maker of SDK clients. Endpoints, regions and credentials are the SDK's own to
 * read (`AWS_ENDPOINT_URL_DYNAMODB`, `AWS_REGION`, …). Nothing here runs at import: the one-machine ledger loads the
 * handlers first and sets the environment before the first call. Each handler asks once and keeps what it got.
 */

const CONNECT_MS = 500;
/** Three tries and the pauses between them: who asks over HTTP hears of a store that is down within 3 seconds. */
const API_REQUEST_MS = 800;
/** Nobody waits for background work, and its calls are large. */
const BACKGROUND_REQUEST_MS = 5_000;

function clientConfig(requestMs: number) {
  const agent = { keepAlive: true, maxSockets: 64 };
  return {
    maxAttempts: 3,
    // The middleware stack is the same for every call of a command: building it anew costs as much as the call.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: requestMs,
      // Without this the SDK only warns, and a store that hangs would hang every caller.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  } satisfies DynamoDBClientConfig;
}

/** What the API works with. Throws an error that names every setting missing or malformed. */
export function apiDeps(): ApiDeps {
  const settings = withSettings(process.env, ({ text, key, verifiers }) => ({
    events: text("ON_RECORD_EVENTS_TABLE"),
    log: text("ON_RECORD_LOG_TABLE"),
    views: text("ON_RECORD_VIEWS_TABLE"),
    ledgerKey: key("ON_RECORD_LEDGER_KEY"),
    control: text("ON_RECORD_CONTROL_TABLE"),
    token: text("ON_RECORD_TOKEN"),
    verifiers: verifiers("ON_RECORD_LOG_VERIFIER_KEYS"),
  }));
  const { publicRead, corsOrigins } = opennessOf(process.env);
  // The short way is the first of the three tries.
  const sdk = new DynamoDBClient({ ...clientConfig(API_REQUEST_MS), maxAttempts: 2 });
  const client = leanClient(sdk, { requestMs: API_REQUEST_MS });
  const views = new DynamoViews({ client, table: settings.views });
  const recentViews = withRecentCheckpoint(views, Date.now);
  const tokens = new DynamoTokens({ client, table: settings.control });
  return {
    streams: new DynamoStreams({ client, table: settings.events }),
    log: new DynamoLog({ client, table: settings.log }),
    ledgerKey: settings.ledgerKey,
    logKeys: settings.verifiers.map(formatVerifierKey),
    access: createAccess({ adminToken: settings.token, tokens, clock: Date.now }),
    tokens,
    publicRead,
    corsOrigins,
    clock: Date.now,
    random: pooledRandom(),
    views,
    sleep: (milliseconds) => sleep(milliseconds),
    similar: (statement) => findSimilar(recentViews, statement),
    logger: createLogger(),
  };
}

/** What the API's description works with: no store. Throws as `apiDeps` does. */
export function describeDeps(): Pick<ApiDeps, "corsOrigins" | "random" | "logger"> {
  const { corsOrigins } = opennessOf(process.env);
  return { corsOrigins, random: pooledRandom(), logger: createLogger() };
}

/** What the sequencer and the recovery work with. Throws as `apiDeps` does. */
export function sequencerDeps(): SequencerDeps {
  const settings = withSettings(process.env, ({ text, signers }) => ({
    events: text("ON_RECORD_EVENTS_TABLE"),
    log: text("ON_RECORD_LOG_TABLE"),
    bus: text("ON_RECORD_BUS"),
    signers: signers("ON_RECORD_LOG_SIGNING_KEYS"),
  }));
  const config = clientConfig(BACKGROUND_REQUEST_MS);
  const client = new DynamoDBClient(config);
  return {
    streams: new DynamoStreams({ client, table: settings.events }),
    log: new DynamoLog({ client, table: settings.log }),
    bus: new EventBridgeBus({ client: new EventBridgeClient(config), bus: settings.bus }),
    clock: Date.now,
    sign: checkpointSigner(settings.signers),
    sleep: (milliseconds) => sleep(milliseconds),
  };
}

/** What projections work with. Throws as `apiDeps` does. */
export function projectionDeps(): ProjectionDeps {
  const settings = withSettings(process.env, ({ text }) => ({
    events: text("ON_RECORD_EVENTS_TABLE"),
    log: text("ON_RECORD_LOG_TABLE"),
    views: text("ON_RECORD_VIEWS_TABLE"),
  }));
  const client = new DynamoDBClient(clientConfig(BACKGROUND_REQUEST_MS));
  return {
    streams: new DynamoStreams({ client, table: settings.events }),
    log: new DynamoLog({ client, table: settings.log }),
    views: new DynamoViews({ client, table: settings.views }),
  };
}

/** What publishing derived events works with. Throws as `apiDeps` does. */
export function publishDeps(): PublishDerivedDeps {
  const settings = withSettings(process.env, ({ text }) => ({
    views: text("ON_RECORD_VIEWS_TABLE"),
    control: text("ON_RECORD_CONTROL_TABLE"),
    bus: text("ON_RECORD_BUS"),
  }));
  const config = clientConfig(BACKGROUND_REQUEST_MS);
  const client = new DynamoDBClient(config);
  return {
    views: new DynamoViews({ client, table: settings.views }),
    places: new DynamoViews({ client, table: settings.control }),
    bus: new EventBridgeBus({ client: new EventBridgeClient(config), bus: settings.bus }),
  };
}

/** What erasure works with: alone of all functions it may alter events and rows. Throws as `apiDeps` does. */
export function erasureDeps(): ErasureDeps {
  const settings = withSettings(process.env, ({ text }) => ({
    events: text("ON_RECORD_EVENTS_TABLE"),
    log: text("ON_RECORD_LOG_TABLE"),
    views: text("ON_RECORD_VIEWS_TABLE"),
    control: text("ON_RECORD_CONTROL_TABLE"),
  }));
  const client = new DynamoDBClient(clientConfig(BACKGROUND_REQUEST_MS));
  const views = new DynamoViews({ client, table: settings.views });
  return {
    log: new DynamoLog({ client, table: settings.log }),
    streams: new DynamoStreams({ client, table: settings.events }),
    views,
    events: new DynamoEraser({ client, table: settings.events }),
    rows: views,
    places: new DynamoViews({ client, table: settings.control }),
    clock: Date.now,
    sleep: (milliseconds) => sleep(milliseconds),
  };
}
