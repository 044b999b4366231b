import type { Context } from "aws-lambda";
import { lambdaContext } from "./lambda-context.ts";

/** An exported Lambda handler, as the pumps call it. */
export type LambdaHandler<Event, Result = unknown> = (event: Event, context: Context) => Promise<Result>;

/** What stands in an ARN for a ledger that is on no AWS account. */
export const LOCAL_ACCOUNT = "000000000000";
export const LOCAL_REGION = "us-east-1";

export interface Invocation {
  readonly functionName: string;
  readonly timeoutMs: number;
}

/**
 * Calls a handler as Lambda does. Rejects when it throws or runs longer than its timeout. Unlike on Lambda a handler
 * that overran goes on running, so a retry may overlap it; handlers are safe to repeat anyway.
 */
export async function invoke<Event, Result>(
  handler: LambdaHandler<Event, Result>,
  event: Event,
  { functionName, timeoutMs }: Invocation,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const overrun = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${functionName} ran longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([handler(event, lambdaContext(functionName, timeoutMs)), overrun]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a failure leaves in a dead letter: enough to act on, not a whole stack. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, 1_000);
}
