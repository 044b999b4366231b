import type { AttributeValue, ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TABLE_NAMES } from "@on-record/local/tables";

type Item = Record<string, AttributeValue>;

/** What an operation writes, as far as it is looked at here. */
interface Input {
  TableName?: string;
  Item?: Item;
  Key?: Item;
  UpdateExpression?: string;
  RequestItems?: Record<string, { PutRequest?: { Item: Item } }[]>;
  TransactItems?: { Put?: Input; Update?: Input }[];
  ReturnConsumedCapacity?: string;
}

interface Output {
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
}

/** The SDK's types tell all operations apart; what is looked at here has one form in all of them. */
function asObject(value: object): object {
  return value;
}

/** One item written, and to which table. */
interface Written {
  table: string;
  item: Item;
  /** A transaction writes each item twice. */
  times: number;
}

/** Write units of one kind of row. */
export interface Kind {
  rows: number;
  bytes: number;
  units: number;
}

/** What was written since the count began: as the engine reports it by table, and by kind of row, worked out here. */
export class UnitCount {
  readonly byTable = new Map<string, number>();
  readonly byKind = new Map<string, Kind>();

  /** Counts all that the client writes from now on. */
  watch(client: DynamoDBClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        const input: Input = asObject(args.input);
        const written = writtenBy(input);
        if (written.length === 0) return next(args);
        input.ReturnConsumedCapacity = "TOTAL";
        const answer = await next(args);
        const { ConsumedCapacity: consumed }: Output = asObject(answer.output);
        for (const each of [consumed ?? []].flat()) add(this.byTable, each.TableName ?? "", each.CapacityUnits ?? 0);
        for (const each of written) this.#note(each);
        return answer;
      },
      { step: "initialize", name: "countUnits" },
    );
  }

  clear(): void {
    this.byTable.clear();
    this.byKind.clear();
  }

  #note({ table, item, times }: Written): void {
    const name = kindOf(table, item["pk"]?.S ?? "", item["sk"]?.S ?? "");
    const kind = this.byKind.get(name) ?? { rows: 0, bytes: 0, units: 0 };
    const bytes = sizeOf(item);
    kind.rows += 1;
    kind.bytes += bytes;
    kind.units += times * Math.max(1, Math.ceil(bytes / 1_024));
    this.byKind.set(name, kind);
  }
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

function writtenBy({
  TableName: table = "",
  Item,
  Key,
  UpdateExpression,
  RequestItems,
  TransactItems,
}: Input): Written[] {
  if (TransactItems !== undefined) {
    return TransactItems.flatMap(({ Put, Update }) => writtenBy(Put ?? Update ?? {})).map((each) => ({
      ...each,
      times: 2,
    }));
  }
  if (RequestItems !== undefined) {
    return Object.entries(RequestItems).flatMap(([name, requests]) =>
      (Array.isArray(requests) ? requests : []).flatMap(({ PutRequest }) =>
        PutRequest === undefined ? [] : [{ table: name, item: PutRequest.Item, times: 1 }],
      ),
    );
  }
  // An update names only what it sets: the head, which is small.
  if (Key !== undefined && UpdateExpression !== undefined) return [{ table, item: Key, times: 1 }];
  return Item === undefined ? [] : [{ table, item: Item, times: 1 }];
}

/** As DynamoDB counts: names and values in UTF-8; a number of so many digits is smaller than its text. */
function sizeOf(item: Item): number {
  const bytes = ([name, { S, N }]: [string, AttributeValue]) =>
    Buffer.byteLength(name) + (N === undefined ? Buffer.byteLength(S ?? "") : Math.ceil(N.length / 2) + 1);
  return Object.entries(item).reduce((sum, entry) => sum + bytes(entry), 0);
}

function kindOf(table: string, pk: string, sk: string): string {
  if (table === TABLE_NAMES.events) return "Events: event";
  if (table === TABLE_NAMES.log) return `Log: ${pk.split("#")[0] ?? ""}`;
  const [view = "", kind = ""] = pk.split("#");
  if (view === "checkpoint") return "Views: checkpoint";
  const row = kind === "position" ? `position, ${sk.slice(0, 1)} row` : kind;
  return `Views: ${view.split("@")[0] ?? ""} ${row}`;
}
