import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type $Command,
  type AttributeValue,
  type DynamoDBClient,
  type DynamoDBClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import { storeUnavailable } from "./aws-errors.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpPosts, type Place } from "./http-posts.ts";
import { PostSigner } from "./sigv4.ts";

type Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<
  I,
  O,
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** What the adapters ask of a client: the answer to a command. */
export interface DynamoCaller {
  send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(command: Command<I, O>): Promise<O>;
}

/** The bounds of the short way. */
export interface LeanOptions {
  /** How long an answer may take before the SDK is asked instead. */
  requestMs: number;
  /** The largest answer that is taken; DynamoDB's own end at 16 MB of items. */
  answerBytes?: number;
}

const ANSWER_BYTES = 64 * 1_048_576;
const CONNECTIONS_COUNT = 64;

/** The reads, which may be made twice without harm. Of writes see `isRepeatable`. */
const READS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [GetItemCommand, "GetItem"],
  [QueryCommand, "Query"],
  [BatchGetItemCommand, "BatchGetItem"],
]);

/**
 * Refusals that are told as they come: nothing was carried out, and the same call made by the SDK would be refused
 * alike. Of those that pass, `callAws` makes the call again. Whatever else DynamoDB refuses (credentials that have
 * expired, a clock that is wrong) the SDK may mend: it gets the call.
 */
const TOLD = new Set([
  "AccessDeniedException",
  "ItemCollectionSizeLimitExceededException",
  "ProvisionedThroughputExceededException",
  "ReplicatedWriteConflictException",
  "RequestLimitExceeded",
  "ResourceNotFoundException",
  "ThrottlingException",
  "TransactionConflictException",
  "ValidationException",
]);

/**
 * An SDK client whose frequent calls take a short way: sign, post, parse; a tenth of the SDK's work. What DynamoDB
 * refuses is thrown as the SDK throws it. When the answer is lost, or tells of a failure within DynamoDB, nobody knows
 * whether the call was carried out: it is handed to the SDK, which makes it again, and whose retries and errors are
 * then the answer. So only reads take this way, and puts that know themselves when they meet what they wrote.
 *
 * Region, credentials, clock correction and endpoint are the SDK's: the first call goes through it and shows where.
 * Values may be anything but bytes: for all others the form of the wire is the command's own.
 */
export function leanClient(sdk: DynamoDBClient, options: LeanOptions): DynamoCaller {
  const wayTo = wayOf(sdk, options);
  function send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(command: Command<I, O>): Promise<O>;
  async function send(command: Command<ServiceInputTypes, ServiceOutputTypes>): Promise<object> {
    const operation = operationOf(command);
    const way = operation === undefined ? undefined : await wayTo();
    if (operation === undefined || way === undefined) return sdk.send(command);
    const body = JSON.stringify(command.input);
    const headers = { ...way.headers, "x-amz-target": `DynamoDB_20120810.${operation}` };
    const now = new Date(Date.now() + sdk.config.systemClockOffset);
    const signed = way.signer.sign({ headers, body }, await sdk.config.credentials(), now);
    const posted = await way.posts.post(signed, body);
    if (posted === "too large") throw storeUnavailable("an answer is larger than any should be");
    return (posted === "lost" ? undefined : resultOf(posted)) ?? sdk.send(command);
  }
  return { send };
}

function operationOf(command: Command<ServiceInputTypes, ServiceOutputTypes>): string | undefined {
  if (command instanceof PutItemCommand) return isRepeatable(command) ? "PutItem" : undefined;
  return READS.get(command.constructor);
}

/** Whether a put that was carried out and is made again is refused, and shown what it wrote. */
function isRepeatable({ input }: PutItemCommand): boolean {
  return input.ConditionExpression !== undefined && input.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
}

/** The answer to a call; `undefined` where the SDK shall make it again. Throws what DynamoDB refuses for good. */
function resultOf({ status, body }: HttpAnswer): object | undefined {
  const value = parsed(body);
  if (status === 200) return value;
  if (status < 500 && value !== undefined) throwRefusal(value, status);
  return undefined;
}

/** Returns where the SDK may mend what DynamoDB refuses. */
function throwRefusal(
  refusal: { __type?: unknown; message?: unknown; Message?: unknown; Item?: unknown },
  status: number,
): void {
  const { __type: type, message: lower, Message: upper = lower, Item } = refusal;
  const name = typeof type === "string" ? type.slice(type.indexOf("#") + 1) : "";
  const message = typeof upper === "string" ? upper : name;
  const $metadata = { httpStatusCode: status };
  if (name === "ConditionalCheckFailedException") {
    throw new ConditionalCheckFailedException({ message, $metadata, ...(isItem(Item) && { Item }) });
  }
  if (TOLD.has(name)) throw new DynamoDBServiceException({ name, message, $metadata, $fault: "client" });
}

function isItem(value: unknown): value is Record<string, AttributeValue> {
  return typeof value === "object" && value !== null;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Way {
  posts: HttpPosts;
  signer: PostSigner;
  headers: Readonly<Record<string, string>>;
}

/** Where the SDK's own requests go; `undefined` before its first. */
function wayOf(sdk: DynamoDBClient, { requestMs, answerBytes = ANSWER_BYTES }: LeanOptions) {
  let found: { place: Place; host: string } | undefined;
  let way: Way | undefined;
  sdk.middlewareStack.add(
    (next) => async (args) => {
      found ??= placeOf(args.request);
      return next(args);
    },
    // Last of its step: the endpoint is resolved, and nothing but the sending is left.
    { step: "finalizeRequest", priority: "low", name: "placeOfRequests", override: true },
  );
  return async (): Promise<Way | undefined> => {
    if (way !== undefined || found === undefined) return way;
    const { place, host } = found;
    const signer = new PostSigner({ region: await sdk.config.region(), service: "dynamodb" });
    way ??= {
      posts: new HttpPosts(place, { requestMs, answerBytes, connectionsCount: CONNECTIONS_COUNT }),
      signer,
      headers: { host, "content-type": "application/x-amz-json-1.0" },
    };
    return way;
  };
}

/** `undefined` for a place that is not the root of a host: a proxy's path, for instance, is left to the SDK. */
function placeOf(request: unknown): { place: Place; host: string } | undefined {
  if (typeof request !== "object" || request === null) return undefined;
  const parts: { protocol?: unknown; hostname?: unknown; port?: unknown; path?: unknown } = request;
  const { protocol, hostname, port, path } = parts;
  if (typeof hostname !== "string" || (protocol !== "http:" && protocol !== "https:") || path !== "/") return undefined;
  const secure = protocol === "https:";
  const given = typeof port === "number" ? port : undefined;
  return {
    // An IPv6 address stands in brackets wherever a port may follow it, and nowhere else.
    place: { secure, hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port: given ?? (secure ? 443 : 80) },
    host: given === undefined ? hostname : `${hostname}:${given}`,
  };
}
