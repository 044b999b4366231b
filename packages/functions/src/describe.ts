import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { createDescription } from "./api/describe-app.ts";
import { describeDeps } from "./deps.ts";
import { answerGateway } from "./http/gateway.ts";
import { once } from "./once.ts";

const app = once(() => createDescription(describeDeps()));

/** API Gateway (payload 2.0) → the API's description. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> =>
  answerGateway(app(), event);
