import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** What an operation asks, as far as it is looked at here. */
interface Input {
  TableName?: string;
  RequestItems?: object;
  ReturnConsumedCapacity?: string;
}

interface Output {
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
}

/** The SDK's types tell all operations apart; what is looked at here has one form in all of them. */
function asObject(value: object): object {
  return value;
}

/** The calls that a client made since the count began, and the read units that the engine reports for them. */
export class ReadCount {
  calls = 0;
  units = 0;

  /** Counts all that the client reads from now on. */
  watch(client: DynamoDBClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        const input: Input = asObject(args.input);
        input.ReturnConsumedCapacity = "TOTAL";
        const answer = await next(args);
        const { ConsumedCapacity: consumed }: Output = asObject(answer.output);
        this.calls += 1;
        for (const { CapacityUnits = 0 } of [consumed ?? []].flat()) this.units += CapacityUnits;
        return answer;
      },
      { step: "initialize", name: "countReads" },
    );
  }

  clear(): void {
    [this.calls, this.units] = [0, 0];
  }
}
