import { isProvisional } from "@on-record/core/domain/position/fold";
import { LedgerFold } from "@on-record/core/projections/positions/ledger-fold";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryLedger, wholeLog } from "../../helpers/memory-ledger.ts";
import { historyOf, opsUpTo, runs } from "./histories.ts";
import { knowledgeOf, nameOfPosition } from "./naive.ts";

test("the fold of a ledger stands, after every event of any history, where folding all of it anew stands", async () => {
  const property = fc.asyncProperty(
    opsUpTo(25),
    fc.constantFrom("2025-08-18T10:00:00.000Z", undefined),
    async (ops, asOf) => {
      const ledger = new MemoryLedger();
      for (const segment of historyOf(ops).segments) await ledger.append(segment);
      const log = await wholeLog(ledger.log, ledger.streams);
      const fold = new LedgerFold();
      for (const [sequence, logged] of log.entries()) {
        fold.apply(logged);
        const { positions, statements } = knowledgeOf(log.slice(0, sequence + 1));
        const naive = [...positions.values()].flatMap(({ position, folded }) => {
          const said = folded.filter(({ entry }) => asOf === undefined || entry.key.slice(0, asOf.length) <= asOf);
          const state = said.at(-1)?.step.state;
          if (!state?.held) return [];
          const corroboration = statements.get(state.held.statement)?.publishers;
          return [{ name: nameOfPosition(position), held: state.held, doubt: isProvisional(state), corroboration }];
        });
        const folded = fold.positions(asOf as Parameters<LedgerFold["positions"]>[0]).map((position) => ({
          name: nameOfPosition(position),
          held: position.state.held,
          doubt: isProvisional(position.state),
          corroboration: position.corroboration,
        }));
        const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
        expect(folded.toSorted(byName)).toEqual(naive.toSorted(byName));
      }
    },
  );
  await fc.assert(property, { numRuns: runs(40) });
});
