import { expect, onTestFinished, test } from "vitest";
import { flawsOfLedger } from "./checks.ts";
import { fuzz } from "./run.ts";
import { overGateway, overSockets } from "./transports.ts";
import { fuzzWorld } from "./world.ts";

const FACTOR = Number(process.env["FUZZ_REQUESTS"] ?? 20_000) / 20_000;
const SEED = Number(process.env["FUZZ_SEED"] ?? 2);
const GATEWAY_COUNT = Math.ceil(2_000 * FACTOR);
const SOCKETS_COUNT = Math.ceil(500 * FACTOR);
const TIMEOUT_MS = 60_000 * Math.max(1, FACTOR);

test(
  "behind API Gateway every route answers whatever is sent as it is described",
  async () => {
    const world = await fuzzWorld(SEED);
    const { sent, flaws } = await fuzz(world, overGateway(world), GATEWAY_COUNT);
    expect([flaws, sent]).toEqual([[], GATEWAY_COUNT]);
    expect(await flawsOfLedger(world)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "over sockets every route answers whatever is sent as it is described",
  async () => {
    const world = await fuzzWorld(SEED + 1);
    const front = await overSockets(world);
    onTestFinished(() => front.close());
    const { sent, flaws } = await fuzz(world, front.send, SOCKETS_COUNT);
    expect([flaws, sent]).toEqual([[], SOCKETS_COUNT]);
    expect(await flawsOfLedger(world)).toEqual([]);
    expect(front.logged).toEqual([]);
  },
  TIMEOUT_MS,
);
