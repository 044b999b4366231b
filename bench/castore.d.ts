/** As much of castore's adapter as the bench uses: the root's checks run where it is not installed. */
declare module "@castore/event-storage-adapter-dynamodb" {
  import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

  export class DynamoDBSingleTableEventStorageAdapter {
    constructor(options: { tableName: string; dynamoDBClient: DynamoDBClient });
    pushEvent(event: object, context: { eventStoreId: string }): Promise<unknown>;
  }
}
