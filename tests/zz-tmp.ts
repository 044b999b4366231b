import * as z from "zod";
import { RecordStatementInput } from "@on-record/core/commands/inputs";
import { PageLimit } from "@on-record/functions/api/page";
import { ActorId } from "@on-record/core/domain/ids";
const reg = z.registry<{id: string}>();
reg.add(RecordStatementInput, {id:"RecordStatement"});
reg.add(ActorId, {id:"ActorId"});
console.log(JSON.stringify(z.toJSONSchema(reg, {io:"input", unrepresentable:"any", uri: id => `#/components/schemas/${id}`, override: (ctx)=>{ if (ctx.zodSchema===PageLimit) console.log("hit"); }}),null,1).slice(0,3000));
console.log(JSON.stringify(z.toJSONSchema(z.strictObject({limit: PageLimit, a: ActorId.optional()}), {io:"input", metadata: reg, unrepresentable:"any"})));
