import { eventIdOf, StreamName } from "@on-record/core/log/envelope";
import type { RouteModule } from "../route.ts";

/** Any event will do, there or not: the question is whether the store answers. */
const PROBE = eventIdOf(StreamName.parse("actor/health"), 1);

/** Says whether the API can do its work: 200 when the store answers, 503 when it does not. Asks for no token. */
export const health: RouteModule = ({ streams, logger }) => [
  {
    method: "GET",
    scope: null,
    path: "/health",
    async handle(c) {
      try {
        await streams.read([PROBE]);
        return c.json({ status: "ok", store: "ok" });
      } catch (error) {
        logger.warn("the store does not answer", { error });
        return c.json({ status: "unavailable", store: "unavailable" }, 503);
      }
    },
  },
];
