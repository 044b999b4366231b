import { positions } from "@on-record/core/projections/positions";
import { catchUp } from "@on-record/core/projections/run";
import type { ApiDeps } from "@on-record/functions/api/route";
import { derivedIn } from "../helpers/position-rows.ts";
import { RecordingViews } from "../helpers/recording-views.ts";
import { seed, testApi } from "./api-for-tests.ts";

/** A seeded API with positions behind it, which follow when they are told to. */
export async function testLedger(overrides: Partial<ApiDeps> = {}) {
  const views = new RecordingViews();
  const api = testApi({ views, ...overrides });
  await seed(api);
  /** Brings everything recorded into the log and the positions. */
  const settle = async () => {
    await api.enterLog();
    await catchUp(positions, { log: api.log, streams: api.streams, views });
  };
  await settle();
  return { ...api, views, settle, derived: () => derivedIn(views) };
}
export type TestLedger = Awaited<ReturnType<typeof testLedger>>;
