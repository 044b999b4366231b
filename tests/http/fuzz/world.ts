import type { Revocation } from "@on-record/core/access/ports";
import type { Instant } from "@on-record/core/domain/time";
import type { StoredToken, TokenId } from "@on-record/core/domain/token";
import type { StoredEvent } from "@on-record/core/log/envelope";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { catchUp } from "@on-record/core/projections/run";
import { findSimilar } from "@on-record/core/queries/similar";
import type { Hint } from "@on-record/core/sequencer/hints";
import { sequence } from "@on-record/core/sequencer/sequence";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { createDescription } from "@on-record/functions/api/describe-app";
import type { OpenApi } from "@on-record/functions/api/description/document";
import { randomFrom } from "../../helpers/load-random.ts";
import { NOW, testApi } from "../api-for-tests.ts";
import { sign } from "../../helpers/log-keys.ts";

/** Tells of each event that it stored. */
class CountedStreams extends MemoryStreams {
  readonly waiting: Hint[] = [];
  appended = 0;

  override async append(event: StoredEvent): Promise<void> {
    await super.append(event);
    this.appended += 1;
    this.waiting.push({ stream: event.stream, version: event.version });
  }
}

/** Counts what it altered. */
class CountedTokens extends MemoryTokens {
  written = 0;

  override async create(token: StoredToken): Promise<boolean> {
    return this.#count(await super.create(token));
  }

  override async replace(old: TokenId, expiresAt: Instant, replacement: StoredToken): Promise<boolean> {
    return this.#count(await super.replace(old, expiresAt, replacement));
  }

  override async revoke(id: TokenId, revocation: Revocation): Promise<StoredToken | null> {
    const token = await super.revoke(id, revocation);
    this.#count(token !== null);
    return token;
  }

  #count(wrote: boolean): boolean {
    if (wrote) this.written += 1;
    return wrote;
  }
}

const REQUEST_MS = 250;

/** A whole ledger in memory behind the exported app. All that happens in it follows from the seed. */
export async function fuzzWorld(seed: number) {
  const random = randomFrom(seed);
  let now = NOW;
  const clock = () => now;
  const streams = new CountedStreams();
  const tokens = new CountedTokens();
  const views = new MemoryViews();
  const bytes = randomFrom(seed + 1);
  const api = testApi({
    streams,
    tokens,
    views,
    clock,
    // Who waits for a view gets it: the ledger behind the API goes on meanwhile.
    async sleep(milliseconds) {
      now += milliseconds;
      await settle();
    },
    random: (count) => Uint8Array.from({ length: count }, () => bytes.below(256)),
    similar: (statement) => findSimilar(views, statement),
    corsOrigins: ["https://desk.example"],
  });
  /** Brings what was recorded into the log and the views. */
  async function settle(): Promise<void> {
    const deps = { streams, log: api.log, bus: new MemoryBus(), sign, clock, sleep: async () => {} };
    await sequence(deps, streams.waiting.splice(0));
    for (const each of PROJECTIONS) await catchUp(each, { log: api.log, streams, views });
  }
  const describe = createDescription(api.deps);
  const document = (await (await describe.request("/openapi.json")).json()) as OpenApi;
  /** The apps as the gateway tells them apart. */
  const appAt = (path: string) => (path === "/openapi.json" ? describe : api.app);
  const tick = () => void (now += REQUEST_MS);
  return { random, clock, tick, api, appAt, document, streams, tokens, views, settle };
}
export type World = Awaited<ReturnType<typeof fuzzWorld>>;
