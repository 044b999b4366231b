import type { Operations } from "@on-record/functions/api/description/operations";
import type * as z from "zod";

/** The name of a route, as the API's description has it: `operationId`. */
export type OperationName = keyof Operations;

/** The parts of a path that begin with a colon, each a string. */
type PathParts<P extends string> = P extends `${string}/:${infer Rest}`
  ? Rest extends `${string}/${infer More}`
    ? [part: string, ...PathParts<`/${More}`>]
    : [part: string]
  : [];

type Flat<T> = { [K in keyof T]: T[K] };

/** A query as it is written: a number or a boolean may stand for its text. */
type QueryOf<S> = S extends z.ZodType
  ? z.input<S> extends infer I extends object
    ? {
        [K in keyof I]?: I[K] | (K extends keyof z.output<S> ? Plain<z.output<S>[K]> : never) | undefined;
      }
    : never
  : never;

type Plain<T> = T extends number ? number : T extends boolean ? boolean : never;

type Has<O, K extends string> = K extends keyof O ? (O[K] extends undefined ? false : true) : false;
type At<O, K extends string> = K extends keyof O ? O[K] : never;
type Takes<O> = At<O, "takes"> extends readonly (infer H)[] ? H : never;

/** What a route answers with when it does what it was asked. */
export type Answer<N extends OperationName> = z.output<Operations[N]["answer"]>;
/** What its dry run answers. */
export type Rehearsal<N extends OperationName> = z.output<Extract<At<Operations[N], "rehearsal">, z.ZodType>>;
/** What it answers where a short answer will do. */
export type Brief<N extends OperationName> = z.output<Extract<At<Operations[N], "brief">, z.ZodType>>;
/** What its body takes. */
export type Body<N extends OperationName> = z.input<Extract<At<Operations[N], "body">, z.ZodType>>;
/** What its query takes. */
export type Query<N extends OperationName> = Flat<QueryOf<At<Operations[N], "query">>>;

/** For one request. */
export interface RequestOptions {
  /** Ends the request, its retries and its pauses. */
  signal?: AbortSignal | undefined;
  /** Of each try. */
  timeoutMs?: number | undefined;
  /** How often it may be tried again. */
  retries?: number | undefined;
  /** Is given every answer that ended well: its status and headers, such as the ETag. */
  onResponse?: ((response: Response) => void) | undefined;
}

/** A version (`statement.version`), or an ETag as it was given, or `*`. */
export type Known = number | string;

type HeaderOptions<H> = ("idempotency-key" extends H ? { idempotencyKey?: string | undefined } : unknown) &
  ("if-match" extends H ? { ifMatch?: Known | undefined } : unknown) &
  ("if-none-match" extends H ? { ifNoneMatch?: Known | undefined } : unknown) &
  ("prefer" extends H ? { minimal?: boolean | undefined } : unknown);

type IsCommand<O> = Has<O, "body"> extends true ? true : O extends { method: "GET" } ? false : true;
type CommandOptions<N extends OperationName> = Flat<
  RequestOptions &
    HeaderOptions<Takes<Operations[N]>> &
    (Has<Operations[N], "rehearsal"> extends true ? Query<N> : unknown)
>;
type ReadOptions<N extends OperationName> = Flat<RequestOptions & HeaderOptions<Takes<Operations[N]>>>;

type Rehearses = { dryRun: true | "true" };
type Outcome<N extends OperationName, O> = O extends Rehearses
  ? Rehearsal<N>
  : O extends { minimal: true }
    ? Brief<N>
    : O extends { ifNoneMatch: Known }
      ? IsCommand<Operations[N]> extends true
        ? Answer<N>
        : Answer<N> | null
      : Answer<N>;

type Command<N extends OperationName> = <const O extends CommandOptions<N> = CommandOptions<N>>(
  ...args: [
    ...PathParts<Operations[N]["path"]>,
    ...(Has<Operations[N], "body"> extends true ? [body: Body<N>] : []),
    options?: O,
  ]
) => Promise<Outcome<N, O>>;

type Read<N extends OperationName> = <const O extends ReadOptions<N> = ReadOptions<N>>(
  ...args: [
    ...PathParts<Operations[N]["path"]>,
    ...(Has<Operations[N], "query"> extends true ? [query?: Query<N>] : []),
    options?: O,
  ]
) => Promise<Outcome<N, O>>;

/** One method a route, by the name of its operation. */
export type Methods = {
  [N in OperationName]: IsCommand<Operations[N]> extends true ? Command<N> : Read<N>;
};

/** Routes that list. */
export type ListName = { [N in OperationName]: Has<Operations[N], "list"> extends true ? N : never }[OperationName];

/** One item of a list. */
export type Item<N extends ListName> =
  Answer<N> extends infer A
    ? At<Operations[N], "list"> extends infer L extends keyof A
      ? A[L] extends readonly (infer I)[]
        ? I
        : never
      : never
    : never;

/** A list, item by item; or page by page, each with what stands beside its items. */
export interface Listing<N extends ListName> extends AsyncIterable<Item<N>> {
  pages(): AsyncGenerator<Answer<N>, void, undefined>;
  /** All items, of all pages. */
  all(): Promise<Item<N>[]>;
}

/** Every list, to be iterated over. */
export type Listings = {
  [N in ListName]: (
    ...args: [...PathParts<Operations[N]["path"]>, query?: Query<N>, options?: RequestOptions]
  ) => Listing<N>;
};

/** What the client knows of a route. It has to agree with the description, or does not compile. */
export type Routes = {
  readonly [N in OperationName]: readonly [
    method: Operations[N]["method"],
    path: Operations[N]["path"],
    kind: Has<Operations[N], "list"> extends true ? At<Operations[N], "list"> : KindOf<Operations[N]>,
  ];
};

/**
 * `body`: it has one; `key`: and a repeat is told by an Idempotency-Key alone; `query`: it takes one; `plain`: neither;
 * `text` and `bytes`: neither, and what is answered is no JSON.
 */
type KindOf<O> =
  Has<O, "body"> extends true
    ? "body" | "key"
    : Has<O, "query"> extends true
      ? "query"
      : O extends { media: infer M }
        ? { "text/plain": "text"; "application/octet-stream": "bytes" }[Extract<
            M,
            "text/plain" | "application/octet-stream"
          >]
        : "plain";
