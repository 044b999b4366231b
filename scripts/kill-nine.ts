/**
 * Kills the one-machine ledger with `kill -9` again and again while clients post to it, then checks that nothing
 * acknowledged was lost and nothing was announced twice under different ids. Exits with 1 on any violation.
 *
 *   npm run kill-nine -- --kills 20 --seed 1 [--clients 6] [--keep]
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "@on-record/local/engine-port";
import { enginesOn, serving, spawnLedger, type Serving } from "../tests/helpers/ledger-process.ts";
import {
  checkAcknowledged,
  checkChanges,
  checkExpected,
  checkLog,
  checkPositions,
  type Check,
} from "../tests/helpers/load-check.ts";
import { ACTORS, Poster, setUp, soloOf, type Shared } from "../tests/helpers/load-clients.ts";
import { LoadRecord } from "../tests/helpers/load-http.ts";
import { SUBSCRIBER_FILE } from "../tests/helpers/load-names.ts";
import { randomFrom, type Random } from "../tests/helpers/load-random.ts";
import { allChangesOf, get, settled, statementsOf, wholeLogOf, type Place } from "../tests/helpers/load-read.ts";
import { readStores } from "../tests/helpers/load-stores.ts";

const HOST = "tests/helpers/load-host.ts";
const TOKEN = "kill-nine";
/** A life lasts for so many answers or projected events at most, and not longer than the time. */
const MOST_STEPS = 50;
const LONGEST_LIFE_MS = 15_000;
const LONGEST_PAUSE_MS = 200;
/** Fewer acknowledged events than this for each kill show nothing. */
const LEAST_EVENTS = 3;
/** Without any progress. */
const STUCK_MS = 45_000;
const ENGINE_END_MS = 5_000;

interface Run {
  folder: string;
  port: number;
  place: Place;
  record: LoadRecord;
  random: Random;
  kills: { whole: number; starting: number; engine: number };
  /** How far the positions had come, of the log's size, at each kill at work. */
  stood: string[];
  /** Everything that the killed processes wrote. */
  output: string[];
  violations: string[];
}

function spawn({ folder, port }: Run) {
  return spawnLedger({ folder, module: HOST, env: { ON_RECORD_PORT: String(port), ON_RECORD_TOKEN: TOKEN } });
}

async function started(run: Run): Promise<Serving> {
  const ledger = await serving(spawn(run));
  const engines = enginesOn(run.folder);
  if (engines.length !== 1) run.violations.push(`${engines.length} engines run on the folder after a start`);
  return ledger;
}

/** How far the positions have come; they fall behind while clients post, and a kill must meet them at work too. */
async function projected({ place }: Run): Promise<number> {
  const { through } = await get(place, "/v1/changes?limit=1").catch(() => ({ through: { sequence: null } }));
  return through.sequence ?? 0;
}

/** Until a random number of requests has been answered, or of events has come to positions, and a random moment more. */
async function someWork(run: Run): Promise<void> {
  const { random, record } = run;
  const steps = 1 + random.below(MOST_STEPS);
  const done = random.chance(0.4) ? async () => record.answers : () => projected(run);
  const enough = (await done()) + steps;
  const deadline = Date.now() + LONGEST_LIFE_MS;
  while ((await done()) < enough && Date.now() < deadline) await sleep(5);
  await sleep(random.below(LONGEST_PAUSE_MS));
}

/** One life of the ledger: at a random moment it is killed, or while it starts, or its engine is. */
async function liveAndDie(run: Run): Promise<void> {
  const { random, kills } = run;
  if (random.chance(0.25)) {
    const { child, exited, output } = spawn(run);
    await sleep(random.below(1_200));
    child.kill("SIGKILL");
    await exited;
    kills.starting += 1;
    run.output.push(output());
    return;
  }
  const ledger = await started(run);
  await someWork(run);
  if (random.chance(0.25)) {
    for (const pid of enginesOn(run.folder)) process.kill(pid, "SIGKILL");
    kills.engine += 1;
    await someWork(run);
  }
  const { size } = await get(run.place, "/v1/log?limit=1").catch(() => ({ size: "?" }));
  run.stood.push(`${await projected(run)}/${size}`);
  // These answers leave it at rest for a moment; the kill must not always come then.
  await sleep(random.below(LONGEST_PAUSE_MS));
  ledger.child.kill("SIGKILL");
  await ledger.exited;
  kills.whole += 1;
  run.output.push(ledger.output());
}

async function noEngineIsLeft({ folder }: Run): Promise<Check> {
  const deadline = Date.now() + ENGINE_END_MS;
  while (enginesOn(folder).length > 0 && Date.now() < deadline) await sleep(20);
  const violations = enginesOn(folder).map((pid) => `engine ${pid} is still there`);
  return { name: "no engine outlives its ledger", seen: "process table", violations };
}

function toldTo(folder: string): unknown[] {
  const file = join(folder, SUBSCRIBER_FILE);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.filter((line) => line !== "").map((line): unknown => JSON.parse(line));
}

function checkAnswers({ record, kills }: Run): Check {
  const least = LEAST_EVENTS * (kills.whole + kills.starting);
  const { acknowledged, answers, violations } = record;
  const light = acknowledged.size < least ? [`only ${acknowledged.size} events: too few to show anything`] : [];
  return {
    name: "every request was answered as it must be",
    seen: `${answers} answers`,
    violations: [...violations, ...light],
  };
}

async function check(run: Run, posters: readonly Poster[]): Promise<Check[]> {
  const { folder, place, record } = run;
  const ledger = await started(run);
  const end = await settled(place, STUCK_MS);
  const log = await wholeLogOf(place);
  const changes = await allChangesOf(place);
  const read = await statementsOf(place, log);
  const actors = [...ACTORS, ...posters.map((_, index) => soloOf(index))];
  const shown = await Promise.all(actors.map(async (id) => (await get(place, `/v1/actors/${id}/positions`)).positions));
  const deadline = Date.now() + STUCK_MS;
  while (toldTo(folder).length < changes.length && Date.now() < deadline) await sleep(100);
  await sleep(500);
  ledger.child.kill("SIGTERM");
  await ledger.exited;
  run.output.push(ledger.output());
  const afterStop = await noEngineIsLeft(run);
  const { stored, audited, rebuilt, stuck } = await readStores(folder);
  const sides = [
    { name: "the bus", told: audited },
    { name: "the subscriber", told: toldTo(folder) },
    { name: "the rebuild", told: rebuilt },
  ];
  return [
    checkAnswers(run),
    {
      name: "the ledger came back each time",
      seen: `caught up in ${(end.tookMs / 1_000).toFixed(1)} s`,
      violations: [...run.violations, ...(end.settled ? [] : ["the views never reached the log's end"])],
    },
    checkLog(log),
    checkAcknowledged(record.acknowledged, log, stored, read),
    checkChanges(changes, sides),
    checkPositions(shown.flat(), read),
    checkExpected(
      shown.flat(),
      posters.map(({ expected }) => expected),
    ),
    stuck,
    afterStop,
  ];
}

function report(run: Run, checks: readonly Check[]): void {
  const { kills, record } = run;
  const { whole, starting, engine } = kills;
  console.log(`killed: ${whole} at work, ${starting} while starting; and ${engine} engines alone`);
  console.log(`positions stood at, at each kill: ${run.stood.join(" ")}`);
  console.log(
    `clients: ${record.requests} requests, ${record.lost} attempts without an answer, ${record.replays} replays`,
  );
  console.log(`refused: ${[...record.refused].map(([code, count]) => `${count} ${code}`).join(", ") || "none"}\n`);
  for (const { name, seen, violations } of checks) {
    console.log(`${violations.length === 0 ? "ok  " : "FAIL"}  ${name.padEnd(58)} ${seen}`);
    for (const violation of violations.slice(0, 20)) console.log(`        ${violation}`);
    if (violations.length > 20) console.log(`        … ${violations.length - 20} more`);
  }
}

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    clients: { type: "string", default: "6" },
    keep: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const clients = Number(values.clients);
const folder = await mkdtemp(join(tmpdir(), "on-record-kill-nine-"));
const port = await freePort();
const place = { url: `http://127.0.0.1:${port}`, token: TOKEN };
const kills = { whole: 0, starting: 0, engine: 0 };
const record = new LoadRecord();
const run: Run = {
  folder,
  port,
  place,
  record,
  random: randomFrom(seed),
  kills,
  stood: [],
  output: [],
  violations: [],
};
console.log(`kill-nine: seed ${seed}, ${values.kills} kills, ${clients} clients, data in ${folder}`);

const shared: Shared = { statements: [] };
const posters = Array.from({ length: clients }, (_, number) => new Poster(number, { at: place, seed, record, shared }));
let posting = true;
const load = setUp(place, record, clients).then(() => Promise.all(posters.map((poster) => poster.run(() => posting))));
for (let kill = 1; kill <= Number(values.kills); kill += 1) await liveAndDie(run);
posting = false;
// What is under way is carried through by one more life.
const last = await started(run);
await load;
last.child.kill("SIGKILL");
await last.exited;
run.output.push(last.output());
const checks = await check(run, posters);
report(run, checks);
const failed = checks.some(({ violations }) => violations.length > 0);
if (failed) console.log(`\nWhat the ledgers wrote:\n${run.output.join("\n---\n").slice(-8_000)}`);
if (failed || values.keep) console.log(`\nThe data is kept in ${folder}.`);
else await rm(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
