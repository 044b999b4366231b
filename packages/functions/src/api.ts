import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { createAppOf, partsOf } from "./api/create-app.ts";
import { recording, RECORDING_PATH } from "./api/routes/recording.ts";
import { apiDeps } from "./deps.ts";
import { answerGateway } from "./http/gateway.ts";
import { once } from "./once.ts";

const parts = once(() => partsOf(apiDeps()));
/** By itself, as it is what most requests ask for: who records does not wait until the rest is loaded. */
const recorder = once(() => createAppOf(parts(), [recording]));
const whole = once(async () => (await import("./api/app.ts")).createWholeApp(parts()));

/** API Gateway (payload 2.0) → the API. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  // A setting that is missing fails this call, and not all that follow.
  parts();
  const records = event.requestContext.http.method === "POST" && event.rawPath === RECORDING_PATH;
  return answerGateway(records ? recorder() : await whole(), event);
};
