import type { RouteModule } from "../route.ts";

/** Tells a caller who it is to the ledger, what it may do, and when its token ends. */
export const principal: RouteModule = () => [
  {
    method: "GET",
    scope: "any",
    path: "/v1/principal",
    handle: (c) => c.json({ principal: c.get("principal") }),
  },
];
