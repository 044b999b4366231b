import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { createApp } from "./api/app.ts";
import { apiDeps } from "./deps.ts";
import { answerGateway } from "./http/gateway.ts";
import { once } from "./once.ts";

const app = once(() => createApp(apiDeps()));

/** API Gateway (payload 2.0) → the API. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> =>
  answerGateway(app(), event);
