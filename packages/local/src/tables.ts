import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  waitUntilTableExists,
  type DynamoDBClient,
  type DynamoDBClientConfig,
} from "@aws-sdk/client-dynamodb";
import { TABLES, type TableName } from "@on-record/core/wiring";

/** The physical names on one machine. `local` holds what AWS's own services keep: bus, queues, checkpoints. */
export const TABLE_NAMES = {
  events: "OnRecordEvents",
  log: "OnRecordLog",
  views: "OnRecordViews",
  control: "OnRecordControl",
  local: "OnRecordLocal",
} as const satisfies Record<TableName | "local", string>;

const SPECIFICATIONS = [
  { name: TABLE_NAMES.events, stream: TABLES.events.stream },
  { name: TABLE_NAMES.log, stream: TABLES.log.stream },
  { name: TABLE_NAMES.views, stream: TABLES.views.stream },
  { name: TABLE_NAMES.control, stream: TABLES.control.stream },
  { name: TABLE_NAMES.local, stream: false },
];

const MAX_WAIT_SECONDS = 60;

/**
 * The client settings for an endpoint that is not AWS: it needs some region and credentials, and checks neither, so
 * the environment's are used where they are set.
 */
export function clientConfig(endpoint: string): DynamoDBClientConfig {
  const config = { endpoint, region: process.env["AWS_REGION"] ?? "us-east-1" };
  const hasOwn = process.env["AWS_ACCESS_KEY_ID"] !== undefined || process.env["AWS_PROFILE"] !== undefined;
  return hasOwn ? config : { ...config, credentials: { accessKeyId: "local", secretAccessKey: "local" } };
}

/** Makes the tables that are missing and waits until all are usable. Calling it again changes nothing. */
export async function createTables(client: DynamoDBClient): Promise<void> {
  await Promise.all(SPECIFICATIONS.map(({ name, stream }) => createTable(client, name, stream)));
}

async function createTable(client: DynamoDBClient, name: string, stream: boolean): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        StreamSpecification: stream
          ? { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" }
          : { StreamEnabled: false },
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1 }, { TableName: name });
  if (!stream) return;
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
  if (table?.StreamSpecification?.StreamEnabled !== true) {
    throw new Error(
      `Table ${name} exists without a stream. Enable one (NEW_AND_OLD_IMAGES), or use an empty endpoint.`,
    );
  }
}
