import { StatementId } from "@on-record/core/domain/ids";
import { StatementErased } from "@on-record/core/domain/statement/events";
import * as z from "zod";
import { Outcome, Tombstone, Version } from "./common.ts";
import { rehearsalOf, wouldRecord } from "./rehearsal.ts";

/** All that is told of an erased statement. */
const ErasedStatement = z.strictObject({ id: StatementId, version: Version, erased: Tombstone });

export const ErasureOutcome = z.strictObject({ statement: ErasedStatement, ...Outcome });
export const ErasureRehearsal = rehearsalOf({ statement: ErasedStatement }, wouldRecord(StatementErased));
