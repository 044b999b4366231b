import { countsOf, flawOf } from "./checks.ts";
import { hostileMaker } from "./hostile.ts";
import { Pools, type Got, type Sent } from "./pools.ts";
import { Requests, targetsIn, type Target } from "./requests.ts";
import type { Transport } from "./transports.ts";
import type { World } from "./world.ts";

/** So many requests are recorded before the log and the views take them in. */
const SETTLE_EVERY = 200;
/** The description is always the same, and long: it is asked for in one round of so many. */
const DESCRIPTION_EVERY = 7;
const HANG_MS = 30_000;
const SHOWN_CHARS = 600;
const FLAWS_COUNT = 10;
const KINDS = ["valid", "almost", "hostile"] as const;
type Kind = (typeof KINDS)[number];

/** What was sent of one kind to one operation. */
interface Tally {
  sent: number;
  accepted: number;
}

export interface Report {
  sent: number;
  /** By operation. */
  tallies: Map<string, Record<Kind, Tally>>;
  /** What was not as promised; after a few of these no more is sent. */
  flaws: string[];
}

const clip = (text: string) => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}… (${text.length})` : text);

/** A request as one reads it. */
function shown({ operation, kind, twist, method, path, query, headers, body }: Sent): string {
  const head = headers.map(([name, value]) => `${name}: ${clip(value)}`);
  const text = body === undefined ? "" : clip(JSON.stringify(Buffer.from(body).toString()));
  return [`${operation}, ${kind}: ${twist}`, `${method} ${clip(path)}?${clip(query)}`, ...head, text].join("\n");
}

/** Throws where there is no answer: nothing can follow it. */
async function answered(transport: Transport, sent: Sent): Promise<Got | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`there is no answer to\n${shown(sent)}`)), HANG_MS);
  });
  try {
    return await Promise.race([transport(sent), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Actors and propositions that requests can name from the first on. */
async function seeded(world: World, pools: Pools): Promise<void> {
  for (const id of ["ada", "bela", "cyrus", "dina", "fatou"]) {
    await world.api.call("PUT", `/v1/actors/${id}`, { body: { name: `Actor ${id}`, kind: "person" } });
    pools.add("actors", id);
  }
  for (const id of ["troops", "air-support", "sanctions", "elections", "ceasefire"]) {
    await world.api.call("PUT", `/v1/propositions/${id}`, { body: { wording: `The country decides on ${id}` } });
    pools.add("propositions", id);
  }
  await world.settle();
}

function makerOf(
  { random, document }: World,
  pools: Pools,
  targets: readonly Target[],
): (kind: Kind, target: Target) => Sent {
  const requests = new Requests(random, pools, document);
  const hostile = hostileMaker(random, pools, targets);
  return function make(kind, target) {
    if (kind === "almost") return requests.almost(target);
    const valid = requests.valid(target);
    return kind === "valid" ? valid : hostile(valid);
  };
}

/** Each operation in turn with each kind, without end: none is left to chance. */
function* turns(targets: readonly Target[]): Generator<[Kind, Target]> {
  for (let round = 0; ; round += 1) {
    const kind = KINDS[round % KINDS.length] ?? "valid";
    for (const target of targets) {
      if (target.id !== "getDescription" || round % DESCRIPTION_EVERY === 0) yield [kind, target];
    }
  }
}

/** Sends so many requests, one after the other, and holds each answer against what is promised. */
export async function fuzz(world: World, transport: Transport, count: number): Promise<Report> {
  const pools = new Pools(world.random, world.clock);
  await seeded(world, pools);
  const targets = targetsIn(world.document);
  const make = makerOf(world, pools, targets);
  const tally = () => ({ sent: 0, accepted: 0 });
  const tallies = new Map(targets.map(({ id }) => [id, { valid: tally(), almost: tally(), hostile: tally() }]));
  const report: Report = { sent: 0, tallies, flaws: [] };
  for (const [kind, target] of turns(targets)) {
    if (report.sent === count || report.flaws.length === FLAWS_COUNT) break;
    const sent = make(kind, target);
    const before = countsOf(world);
    const startedAt = performance.now();
    const got = await answered(transport, sent);
    if (got === null) continue;
    const flaw = flawOf(world, sent, got, { before, tookMs: performance.now() - startedAt });
    if (flaw !== null) report.flaws.push(`request ${report.sent} ${flaw}\n${shown(sent)}\n${clip(got.text)}`);
    else pools.note(sent, got);
    const told = tallies.get(target.id)?.[kind] ?? tally();
    told.sent += 1;
    if (got.status < 400) told.accepted += 1;
    report.sent += 1;
    world.tick();
    if (report.sent % SETTLE_EVERY === 0) await world.settle();
  }
  return report;
}
