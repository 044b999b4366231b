import { expect, test } from "vitest";
import { flawsOfLedger } from "./checks.ts";
import { fuzz } from "./run.ts";
import { overApp } from "./transports.ts";
import { fuzzWorld } from "./world.ts";

/** Settings for a longer search: `FUZZ_REQUESTS=500000 FUZZ_SEED=7 npx vitest run tests/http/fuzz/fuzz.test.ts`. */
const REQUESTS_COUNT = Number(process.env["FUZZ_REQUESTS"] ?? 20_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const TIMEOUT_MS = 60_000 + REQUESTS_COUNT * 10;

/** Not all that a schema allows is possible at the moment: an order, for instance, can be settled once. */
const ACCEPTED_SHARE = 0.1;

test(
  "every route answers whatever is sent as it is described, and records all of it or nothing",
  async () => {
    const world = await fuzzWorld(SEED);
    const { sent, flaws, tallies } = await fuzz(world, overApp(world), REQUESTS_COUNT);
    expect(flaws).toEqual([]);
    expect(sent).toBe(REQUESTS_COUNT);
    const kinds = [...tallies].flatMap(([id, all]) =>
      Object.entries(all).map(([kind, tally]) => ({ id, kind, ...tally })),
    );
    expect(kinds.filter(({ sent }) => sent === 0)).toEqual([]);
    const valid = kinds.filter(({ kind }) => kind === "valid");
    expect(valid.filter(({ sent, accepted }) => accepted < sent * ACCEPTED_SHARE)).toEqual([]);
    expect(await flawsOfLedger(world)).toEqual([]);
  },
  TIMEOUT_MS,
);
