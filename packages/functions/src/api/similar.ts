import type { Statement } from "@on-record/core/domain/statement/state";
import type { SimilarStatement } from "@on-record/core/queries/similar";
import type { ApiParts } from "./route.ts";

/** What helps an editor may not keep a poster waiting. */
const WAIT_MS = 300;

/**
 * Statements like the one that is being recorded; `null` when they could not be had in time. An empty list says that there are
 * none, so a failure is not told as one.
 */
export async function similarTo(
  { similar, logger }: Pick<ApiParts, "similar" | "logger">,
  statement: Statement,
): Promise<SimilarStatement[] | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), WAIT_MS);
  });
  try {
    const found = await Promise.race([similar(statement), late]);
    if (found === null) logger.warn("similar statements came too late", { statement: statement.id, waitedMs: WAIT_MS });
    return found;
  } catch (error) {
    logger.warn("similar statements could not be found", { statement: statement.id, error });
    return null;
  } finally {
    clearTimeout(timer);
  }
}
