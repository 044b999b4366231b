import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { Agent as PlainAgent, request as requestPlainly } from "node:http";
import { Agent as SecureAgent, request as requestSecurely } from "node:https";
import { PostSigner } from "./sigv4.ts";

/** What the adapters ask of a client. */
export type DynamoCaller = Pick<DynamoDBClient, "send">;

/** The calls that may be made twice without harm: reads, and puts whose repetition the adapters understand. */
const OPERATIONS: readonly (readonly [new (input: never) => { input: object }, string])[] = [
  [PutItemCommand, "PutItem"],
  [GetItemCommand, "GetItem"],
  [QueryCommand, "Query"],
  [BatchGetItemCommand, "BatchGetItem"],
  [BatchWriteItemCommand, "BatchWriteItem"],
];

const SOCKETS_COUNT = 64;

/** How long an answer may take before the SDK is asked instead. */
export interface LeanOptions {
  requestMs: number;
}

interface Place {
  secure: boolean;
  hostname: string;
  port: number | undefined;
  /** As the Host header names it. */
  host: string;
}

/**
 * An SDK client whose frequent calls take a short way: sign, post, parse: a quarter of the SDK's work. That way knows
 * success only. Whatever else comes back, or does not, the same command is handed to the SDK, which asks again, and
 * whose retries and errors are then the answer. So a call may have been carried out twice: only calls that bear it
 * take the short way.
 *
 * Region, credentials, clock correction and endpoint are the SDK's: the first call goes through it and shows where.
 * The values of items must be strings and numbers: for these the form of the wire is the command's own.
 */
export function leanClient(sdk: DynamoDBClient, { requestMs }: LeanOptions): DynamoCaller {
  const post = poster(requestMs);
  const wayTo = wayOf(sdk);
  const send = async (command: Parameters<DynamoDBClient["send"]>[0]): Promise<unknown> => {
    const operation = OPERATIONS.find(([kind]) => command instanceof kind)?.[1];
    const way = operation === undefined ? undefined : await wayTo();
    if (operation === undefined || way === undefined) return sdk.send(command);
    const body = JSON.stringify(command.input);
    const headers = {
      host: way.place.host,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    };
    const now = new Date(Date.now() + sdk.config.systemClockOffset);
    const signed = way.signer.sign({ headers, body }, await sdk.config.credentials(), now);
    const answer = await post(way.place, signed, body);
    return answer ?? sdk.send(command);
  };
  // The form of a command's answer is the form of the wire, for the same reason as that of its input.
  return { send: send as DynamoDBClient["send"] };
}

interface Way {
  place: Place;
  signer: PostSigner;
}

/** Where the SDK's own requests go; `undefined` before its first. */
function wayOf(sdk: DynamoDBClient): () => Promise<Way | undefined> {
  let place: Place | undefined;
  let way: Way | undefined;
  sdk.middlewareStack.add(
    (next) => async (args) => {
      place ??= placeOf(args.request);
      return next(args);
    },
    // Last of its step: the endpoint is resolved, and nothing but the sending is left.
    { step: "finalizeRequest", priority: "low", name: "placeOfRequests", override: true },
  );
  return async () => {
    if (way === undefined && place !== undefined) {
      const region = await sdk.config.region();
      way = { place, signer: new PostSigner({ region, service: "dynamodb" }) };
    }
    return way;
  };
}

/** `undefined` for a place that is not the root of a host: a proxy's path, for instance, is left to the SDK. */
function placeOf(request: unknown): Place | undefined {
  if (typeof request !== "object" || request === null) return undefined;
  const parts: { protocol?: unknown; hostname?: unknown; port?: unknown; path?: unknown } = request;
  const { protocol, hostname, port, path } = parts;
  if (typeof hostname !== "string" || typeof protocol !== "string" || path !== "/") return undefined;
  const number = typeof port === "number" ? port : undefined;
  return {
    secure: protocol === "https:",
    hostname,
    port: number,
    host: number === undefined ? hostname : `${hostname}:${number}`,
  };
}

type Post = (place: Place, headers: Record<string, string>, body: string) => Promise<object | undefined>;

/** Posts, and gives the answer's body; `undefined` for every other end than a complete 200. */
function poster(requestMs: number): Post {
  const settings = { keepAlive: true, maxSockets: SOCKETS_COUNT };
  const plain = new PlainAgent(settings);
  const secure = new SecureAgent(settings);
  return (place, headers, body) =>
    new Promise((resolve) => {
      const { hostname, port } = place;
      // A list goes out as it is; a record would be looked up and checked name by name.
      const list = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) }).flat();
      const common = { hostname, port, method: "POST", path: "/", headers: list };
      const request = place.secure
        ? requestSecurely({ ...common, agent: secure })
        : requestPlainly({ ...common, agent: plain });
      // From when it has a socket: a request that waits for one in a burst is not late, and must not be sent twice.
      let late: NodeJS.Timeout | undefined;
      request.once("socket", () => {
        late = setTimeout(() => request.destroy(), requestMs);
      });
      const end = (answer: object | undefined) => {
        clearTimeout(late);
        resolve(answer);
      };
      request.on("error", () => end(undefined));
      request.once("close", () => end(undefined));
      request.once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("error", () => end(undefined));
        response.once("end", () => end(response.statusCode === 200 && response.complete ? parsed(text) : undefined));
      });
      request.end(body);
    });
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
