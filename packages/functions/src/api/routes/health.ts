import { eventIdOf, StreamName } from "@on-record/core/log/envelope";
import type { RouteModule } from "../route.ts";

/** Any event will do, there or not: the question is whether the store answers. */
const PROBE = eventIdOf(StreamName.parse("actor/health"), 1);

/** Says whether the API can do its work: 200 when the store answers; a store that does not is refused as anywhere. */
export const health: RouteModule = ({ streams }) => [
  {
    method: "GET",
    scope: null,
    path: "/health",
    async handle(c) {
      await streams.read([PROBE]);
      return c.json({ status: "ok", store: "ok" });
    },
  },
];
