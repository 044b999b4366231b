import type { PropositionId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import { saltedDigest } from "@on-record/core/log/digest";
import { eventIdOf, StreamName, type StoredEvent } from "@on-record/core/log/envelope";
import { schemaVersionOf } from "@on-record/core/log/upcast";
import { registry } from "@on-record/core/projections/registry";
import { catchUp } from "@on-record/core/projections/run";
import { sequence } from "@on-record/core/sequencer/sequence";
import { EDITOR } from "../fixtures/statements.ts";
import type { MemoryLedger } from "./memory-ledger.ts";
import { sign } from "./log-keys.ts";

const STEP_MS = 60_000;

/** Brings a proposition's broader links into the log, without a look at any rule; the read models stay behind. */
export async function enterLinks(
  ledger: MemoryLedger,
  proposition: PropositionId,
  ...broader: PropositionId[]
): Promise<void> {
  const stream = StreamName.parse(`proposition/${proposition}`);
  const version = (await ledger.streams.load(stream)).length + 1;
  const type = version === 1 ? "PropositionDefined" : "PropositionRevised";
  const data = { proposition, wording: `About ${proposition}`, topics: [], keywords: [], broader };
  ledger.now += STEP_MS;
  const { streams, log, bus, now } = ledger;
  const event: StoredEvent = {
    id: eventIdOf(stream, version),
    stream,
    version,
    type,
    schemaVersion: schemaVersionOf(type),
    receivedAt: instantOf(now),
    recordedBy: EDITOR,
    requestId: `link-${version}`,
    digest: saltedDigest("c2FsdA", data),
    data,
    salt: "c2FsdA",
    requestDigest: "r".repeat(43),
  };
  await streams.append(event);
  await sequence({ streams, log, bus, sign, clock: () => now, sleep: async () => {} }, [{ stream, version }]);
}

/** As `enterLinks`, and both read models follow. */
export async function link(
  ledger: MemoryLedger,
  proposition: PropositionId,
  ...broader: PropositionId[]
): Promise<void> {
  await enterLinks(ledger, proposition, ...broader);
  await catchUpLinks(ledger);
  await ledger.catchUp();
}

export function catchUpLinks({ log, streams, views }: MemoryLedger): Promise<number> {
  return catchUp(registry, { log, streams, views });
}
