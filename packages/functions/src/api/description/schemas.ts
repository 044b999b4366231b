import { CreateTokenInput, RotateTokenInput } from "@on-record/core/access/inputs";
import * as inputs from "@on-record/core/commands/inputs";
import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId, PrincipalId, ReportId, StatementId } from "@on-record/core/domain/ids";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import { Zone } from "@on-record/core/domain/said-at";
import { Stance } from "@on-record/core/domain/stance";
import { AssessmentInput, Evidence, Report, ReportInput } from "@on-record/core/domain/statement/parts";
import { Instant, MomentOrDate, SaidAt } from "@on-record/core/domain/time";
import { TokenId } from "@on-record/core/domain/token";
import { EventId, LogEntry } from "@on-record/core/log/envelope";
import {
  DerivedEvent,
  PositionChanged,
  PositionChangeWithdrawn,
  PositionContested,
  PositionContestEnded,
  ReviewRequested,
} from "@on-record/core/projections/positions/derived";
import * as z from "zod";
import * as changes from "../answers/changes.ts";
import { EventRef, Through, Tombstone } from "../answers/common.ts";
import * as erasure from "../answers/erasure.ts";
import * as log from "../answers/log.ts";
import * as positions from "../answers/positions.ts";
import { Problem } from "../answers/problem.ts";
import * as registry from "../answers/registry.ts";
import * as statements from "../answers/statements.ts";
import * as tokens from "../answers/tokens.ts";
import { PageLimit, WholeNumber } from "../page.ts";
import { LIMITS } from "@on-record/core/limits";

/** A JSON Schema (2020-12), as far as it is looked into here. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  [keyword: string]: unknown;
}

/** The same in a request and in an answer. */
const SCALARS = { Slug: ActorId, StatementId, ReportId, EventId, TokenId, PrincipalId, Instant, Stance, Evidence };

const REQUESTS = {
  ...SCALARS,
  MomentOrDate,
  Zone,
  ActorProfile,
  PropositionProfile,
  ReportInput,
  AssessmentInput,
  CreateTokenInput,
  RotateTokenInput,
  ...schemasAmong(inputs),
};

const ANSWERS = {
  ...SCALARS,
  SaidAt,
  Report,
  Assessment: AssessmentInput,
  LogEntry,
  DerivedEvent,
  PositionChanged,
  PositionChangeWithdrawn,
  PositionContested,
  PositionContestEnded,
  ReviewRequested,
  EventRef,
  Through,
  Tombstone,
  Problem,
  ...schemasAmong(statements),
  ...schemasAmong(erasure),
  ...schemasAmong(registry),
  ...schemasAmong(positions),
  ...schemasAmong(changes),
  ...schemasAmong(log),
  ...schemasAmong(tokens),
};

/** Every exported schema of a module is a component of the description, under its own name. */
function schemasAmong(module: object): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(module).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType),
  );
}

type Io = "input" | "output";
const NAMED = { input: registryOf(REQUESTS), output: registryOf(ANSWERS) };
const COMPONENT = "#/components/schemas/";

function registryOf(schemas: Readonly<Record<string, z.ZodType>>) {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) if (!registry.has(schema)) registry.add(schema, { id });
  return registry;
}

/** What zod cannot say: a query writes numbers as text, and a batch's items are read one by one. */
const FORMS = new Map<unknown, JsonSchema>([
  [WholeNumber, { type: "integer", minimum: 0, maximum: 999_999_999_999 }],
  [log.Octets, { type: "string", contentMediaType: "application/octet-stream" }],
  [PageLimit, { type: "integer", minimum: 1, maximum: LIMITS.pageItemsCount, default: LIMITS.pageItemsDefaultCount }],
  [
    inputs.BatchInput.shape.statements,
    {
      type: "array",
      minItems: 1,
      maxItems: LIMITS.batchStatementsCount,
      items: { $ref: `${COMPONENT}BatchItemInput` },
    },
  ],
]);

function options(io: Io) {
  return {
    io,
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: object }) {
      const form = FORMS.get(zodSchema);
      if (form === undefined) return;
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      Object.assign(jsonSchema, form);
    },
  } as const;
}

/** Without the names that a schema has only while it stands alone. */
function plain({ $schema: _schema, $id: _id, ...schema }: z.core.JSONSchema.BaseSchema): JsonSchema {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod's type of the same allows booleans in places
  return schema as JsonSchema;
}

/** Every component, requests and answers. */
export function components(): Record<string, JsonSchema> {
  const found: Record<string, JsonSchema> = {};
  for (const io of ["input", "output"] as const) {
    const { schemas } = z.toJSONSchema(NAMED[io], { ...options(io), uri: (id) => COMPONENT + id });
    for (const [id, schema] of Object.entries(schemas)) {
      found[id] = plain(schema);
    }
  }
  return found;
}

/** A schema by its component's name or, where it has none, as it is: with nothing named inside. */
export function schemaOf(schema: z.ZodType, io: Io): JsonSchema {
  const id = NAMED[io].get(schema)?.id;
  if (id !== undefined) return { $ref: COMPONENT + id };
  return plain(z.toJSONSchema(schema, { ...options(io), metadata: z.registry<{ id: string }>() }));
}

/** The name of the component that a reference leads to. */
export function nameIn({ $ref }: JsonSchema): string | undefined {
  return $ref?.slice(COMPONENT.length);
}
