import { askedOf, sendingOf, type AnyQuery, type Asked } from "./asked.ts";
import { ROUTES } from "./routes.ts";
import { send, type ClientOptions, type Sent } from "./send.ts";
import type { Listings, Methods } from "./types.ts";

export { OnRecordError, type FieldProblem, type OnRecordErrorCode, type ProblemDocument } from "./errors.ts";
export type { ClientOptions } from "./send.ts";
export type {
  Answer,
  Body,
  Brief,
  Item,
  Known,
  Listing,
  ListName,
  OperationName,
  Query,
  Rehearsal,
  RequestOptions,
} from "./types.ts";

/**
 * A ledger's API: one method a route, by the names of the API's description, and under `each` the lists, to be iterated
 * over. Every method throws `OnRecordError` for what is refused or not answered.
 */
export interface OnRecordClient extends Methods {
  /** Lists, item by item: `for await (const change of client.each.listChanges({ actor }))`. */
  each: Listings;
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}

/** The query of the next page: by the answer's cursor or, where it is paged by number, by the Link header. */
function nextOf({ response, body }: Sent, query: AnyQuery): AnyQuery | null {
  const cursor = fieldOf(body, "next");
  // The changes always have one; where it stays, there is no more yet.
  if (typeof cursor === "string") return cursor === query["cursor"] ? null : { ...query, cursor };
  const link = /^<[^>?]*\?([^>]*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  return link === undefined ? null : Object.fromEntries(new URLSearchParams(link));
}

/** A client of one ledger. Nothing is sent before a method is called. */
export function createClient(client: ClientOptions): OnRecordClient {
  const ask = async (asked: Asked): Promise<Sent> => {
    const sent = await send(client, sendingOf(asked));
    asked.options.onResponse?.(sent.response);
    return sent;
  };
  async function* pagesOf(asked: Asked) {
    for (let query: AnyQuery | null = asked.query; query !== null;) {
      const sent: Sent = await ask({ ...asked, query });
      yield sent.body;
      query = nextOf(sent, query);
    }
  }
  async function* itemsOf(asked: Asked) {
    const field = ROUTES[asked.name][2];
    for await (const page of pagesOf(asked)) {
      const items = fieldOf(page, field);
      if (Array.isArray(items)) yield* items as unknown[];
    }
  }
  const listing = (asked: Asked) => ({
    pages: () => pagesOf(asked),
    [Symbol.asyncIterator]: () => itemsOf(asked),
    async all() {
      const items: unknown[] = [];
      for await (const item of itemsOf(asked)) items.push(item);
      return items;
    },
  });
  type Method = (...args: unknown[]) => unknown;
  const methods: Record<string, Method> = {};
  const each: Record<string, Method> = {};
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's keys are its names
  for (const name of Object.keys(ROUTES) as (keyof typeof ROUTES)[]) {
    methods[name] = async (...args) => (await ask(askedOf(name, args))).body;
    each[name] = (...args) => listing(askedOf(name, args));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table agrees with these types, or does not compile
  return { ...methods, each } as unknown as OnRecordClient;
}
