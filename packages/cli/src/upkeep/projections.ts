import { PROJECTIONS } from "@on-record/core/projections/all";
import type { AnyProjection } from "@on-record/core/projections/projection";
import { UsageError } from "../io.ts";

const NAMES = PROJECTIONS.map(({ name }) => name);

export const PROJECTION_OPTION = {
  projection: { type: "string", value: "<name>", about: `${NAMES.join(", ")}, or all (the default)` },
} as const;

/** The projections that an option names. */
export function projectionsNamed(name: string | undefined): readonly AnyProjection[] {
  if (name === undefined || name === "all") return PROJECTIONS;
  const found = PROJECTIONS.filter((projection) => projection.name === name);
  if (found.length === 0) throw new UsageError(`there is no projection "${name}", but ${NAMES.join(", ")} and all`);
  return found;
}
