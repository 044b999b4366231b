import { LedgerError, type FieldProblem } from "../errors.ts";
import type { ActorId, PropositionId } from "../domain/ids.ts";
import { eventIdOf, StreamName } from "../log/envelope.ts";
import type { StreamStore } from "../log/ports.ts";

/** An actor or a proposition that a request names, and the field that names it. */
export type Reference =
  | { kind: "actor"; id: ActorId; path: string }
  | { kind: "proposition"; id: PropositionId; path: string };

/** Tells whether actors and propositions exist. */
export interface Registry {
  /** Throws `unknown_actor` or `unknown_proposition`, after the first that is missing, and names every field at fault. */
  demand(references: readonly Reference[]): Promise<void>;
  has(kind: Reference["kind"], id: ActorId | PropositionId): Promise<boolean>;
}

const REMEMBERED_COUNT = 10_000;

/**
 * A registry that reads consistently and remembers what exists: entries are never deleted, so only a "yes" can be
 * kept. The oldest are forgotten first.
 */
export function createRegistry(streams: StreamStore): Registry {
  const known = new Set<string>();
  const remember = (name: string) => {
    known.add(name);
    const [oldest] = known;
    if (known.size > REMEMBERED_COUNT && oldest !== undefined) known.delete(oldest);
  };
  const missingOf = async (names: readonly StreamName[]): Promise<Set<StreamName>> => {
    const unsure = [...new Set(names)].filter((name) => !known.has(name));
    if (unsure.length === 0) return new Set();
    const first = await streams.read(unsure.map((name) => eventIdOf(name, 1)));
    const missing = new Set(unsure.filter((_, index) => (first[index] ?? null) === null));
    for (const name of unsure) if (!missing.has(name)) remember(name);
    return missing;
  };
  return {
    async demand(references) {
      const missing = await missingOf(references.map(streamOf));
      refuse(references.filter((reference) => missing.has(streamOf(reference))));
    },
    async has(kind, id) {
      const name = streamOf({ kind, id });
      return !(await missingOf([name])).has(name);
    },
  };
}

function streamOf({ kind, id }: Pick<Reference, "kind" | "id">): StreamName {
  return StreamName.parse(`${kind}/${id}`);
}

function refuse(missing: readonly Reference[]): void {
  const [first] = missing;
  if (first === undefined) return;
  const fields: FieldProblem[] = missing.map(({ kind, id, path }) => ({ path, message: `there is no ${kind} ${id}` }));
  const code = first.kind === "actor" ? "unknown_actor" : "unknown_proposition";
  throw new LedgerError(code, `there is no ${first.kind} ${first.id}`, { fields });
}
