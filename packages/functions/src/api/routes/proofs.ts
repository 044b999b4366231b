import { STATEMENTS } from "@on-record/core/commands/streams";
import { canonicalJson } from "@on-record/core/log/digest";
import { envelopeOf, isErased, withoutErased, type StoredEvent } from "@on-record/core/log/envelope";
import { formatProofFile } from "@on-record/core/log/tree/proof-file";
import { base64 } from "@on-record/core/log/tree/text";
import { proveEvents, type ProvedEntry } from "@on-record/core/queries/log-tree";
import { PageRoom } from "@on-record/core/queries/page-room";
import { queryOf, validate } from "../../http/validate.ts";
import { nextLink, NumberedPage } from "../page.ts";
import type { ApiContext, ApiParts, RouteModule } from "../route.ts";
import { originOf } from "./log-tree.ts";
import { noStatement, statementIdOf } from "./statements.ts";

/** Written with its keys in the order that was hashed: without its white space it is the very text. */
const inHashedOrder = (value: unknown): unknown => JSON.parse(canonicalJson(value));

/** What the event's digest is of; nothing once that is erased. Shown here only. */
function openingOf(event: StoredEvent): object {
  const { salt, data } = event;
  return isErased(event) ? {} : { salt, data: inHashedOrder(data) };
}

/** An event with the way from it to the root that the checkpoint signs. */
function present(event: StoredEvent, { entry, hashes }: ProvedEntry, checkpoint: string): object {
  return {
    entry: inHashedOrder(entry),
    inclusion: hashes.map(base64),
    ...openingOf(event),
    proof: formatProofFile({ index: entry.sequence, hashes, checkpoint }),
  };
}

/** Proofs for a statement's events, a page at a time; as many as one answer can carry. */
async function answerProof(c: ApiContext, parts: ApiParts): Promise<Response> {
  const id = statementIdOf(c);
  const { after = 0, limit } = validate(NumberedPage, queryOf(c.req.raw));
  const stored = await parts.streams.load(STATEMENTS.streamOf(id));
  if (stored.length === 0) throw noStatement(id);
  const asked = withoutErased(stored).slice(after, after + limit);
  const { size, checkpoint, proved } = await proveEvents(parts.log, asked.map(envelopeOf));
  const found = new Map(proved.map((each) => [each.entry.version, each]));
  const room = new PageRoom();
  const [events, pending]: [object[], object[]] = [[], []];
  let last = after;
  for (const event of asked) {
    const proof = found.get(event.version);
    const { version } = event;
    const isProved = proof !== undefined && checkpoint !== null;
    const shown = isProved ? present(event, proof, checkpoint) : { id: event.id, version };
    if (!room.take(shown)) break;
    (isProved ? events : pending).push(shown);
    last = version;
  }
  if (last > after && last < stored.length) c.header("link", nextLink(c.req.path, last, limit));
  return c.json({ origin: originOf(parts), size, checkpoint, events, pending });
}

/** That nothing of a statement was altered, shown so that nobody need trust the ledger. */
export const proofs: RouteModule = (parts) => [
  { method: "GET", scope: "read", path: "/v1/statements/:id/proof", handle: (c) => answerProof(c, parts) },
];
