import { addHeaders } from "./headers.ts";
import { responseOf } from "./problem.ts";

/**
 * A refusal from outside the app: what never became a request, or got no answer. It looks like those of the app;
 * to log it is up to whoever refuses.
 */
export function refusal(
  error: unknown,
  { requestId, forwardedProto }: { requestId: string; forwardedProto?: string | undefined },
): Response {
  const response = responseOf(error, requestId);
  addHeaders(response.headers, forwardedProto);
  response.headers.set("x-request-id", requestId);
  return response;
}
