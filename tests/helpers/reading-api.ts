import { PROJECTIONS } from "@on-record/core/projections/all";
import { catchUp } from "@on-record/core/projections/run";
import { sequence } from "@on-record/core/sequencer/sequence";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { expect } from "vitest";
import { seed, statement, stored, testApi, TROOPS, type Answer } from "../http/api-for-tests.ts";
import { RecordingViews } from "./recording-views.ts";
import { sign } from "./log-keys.ts";

/** An API on memory adapters with a clock that tests set, and the read models as the real projections make them. */
export async function readingApi(at = "2025-08-18T08:00:00Z") {
  const clock = { now: Date.parse(at) };
  const [log, streams, views] = [new MemoryLog(), new MemoryStreams(), new RecordingViews()];
  const sleep = async (ms: number) => {
    clock.now += ms;
  };
  const api = testApi({ log, streams, views, clock: () => clock.now, sleep });
  /** Brings what was recorded into the log, without any read model. */
  const enter = async () => {
    const hints = (await stored(streams)).map(({ stream, version }) => ({ stream, version }));
    await sequence({ streams, log, bus: new MemoryBus(), sign, clock: () => clock.now, sleep }, hints);
  };
  /** Brings everything recorded into the log and the read models. */
  const settle = async () => {
    await enter();
    for (const projection of PROJECTIONS) await catchUp(projection, { log, streams, views });
  };
  const get = (path: string): Promise<Answer> => api.call("GET", path);
  const post = async (path: string, body: object) => {
    const answer = await api.call("POST", path, { body });
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
  /** Records, at a moment of the ledger's clock, a stance said at a time; the statement's id and the event's. */
  const say = async (recordedAt: string, saidAt: string, stance: string, more: Record<string, unknown> = {}) => {
    clock.now = Date.parse(recordedAt);
    const url = `https://outlet.example/${recordedAt}`;
    const assessments = [{ proposition: TROOPS, stance }];
    const body = await post(
      "/v1/statements",
      statement({ saidAt, assessments, report: { publisher: "Fox News", url }, ...more }),
    );
    return { id: body.statement.id as string, event: body.event.id as string };
  };
  await seed(api);
  await settle();
  return { ...api, clock, log, streams, views, enter, settle, get, post, say };
}
export type ReadingApi = Awaited<ReturnType<typeof readingApi>>;

/** The items under `name` of a list and of all pages that its `Link` headers lead to; at most 50 of them. */
export async function followed(api: ReadingApi, path: string, name: string): Promise<ReturnType<typeof JSON.parse>[]> {
  const items = [];
  let next: string | undefined = path;
  for (let pages = 0; next !== undefined && pages < 50; pages += 1) {
    const { status, body, headers }: Answer = await api.get(next);
    expect(status, JSON.stringify(body)).toBe(200);
    items.push(...body[name]);
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
    next = link === next ? undefined : link;
  }
  return items;
}
