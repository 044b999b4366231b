import { ActorId, type PropositionId, type StatementId } from "@on-record/core/domain/ids";
import type { StatementCommand } from "@on-record/core/domain/statement/decide";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { statementPk } from "@on-record/core/projections/positions/rows";
import { assessment, EDITOR, report, rp, st, TEXT, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { derivedIn, entriesKnown, entryLine, eventLine, openReviews } from "../../helpers/position-rows.ts";

const by = EDITOR;
const reason = "as the record shows";
const latest = "2025-12-31T00:00:00.000Z";

/** How something is said: a stance, or a stance with its condition after a comma: `leaning_for, if asked`. */
export interface Saying {
  at: string;
  precision?: "minute" | "day";
  says: string;
  /** Who speaks for whom, when it is not the president himself. */
  speaker?: ActorId;
  for?: ActorId;
  on?: PropositionId;
  basis?: "editor" | "rule" | "model";
  confidence?: number;
  publisher?: string;
}

function reading({ says, on = TROOPS, basis, confidence }: Pick<Saying, "says" | "on" | "basis" | "confidence">) {
  const [stance, condition] = says.split(", ");
  return assessment({
    proposition: on,
    stance,
    ...(condition !== undefined && { condition }),
    ...(basis && { basis }),
    ...(confidence !== undefined && { confidence }),
  });
}

/** A ledger that is spoken to in short sentences. Statements are named by letters. */
export class Scene {
  readonly ledger = new MemoryLedger();
  #heard = 0;

  /** Records a statement, and gives what is announced of it. */
  async say(letter: string, saying: Saying): Promise<string[]> {
    const { at, precision, speaker = TRUMP, publisher = `Outlet ${letter}` } = saying;
    const data = {
      statement: st(letter),
      speaker,
      ...(saying.for && { onBehalfOf: saying.for }),
      text: TEXT,
      saidAt: saidAtFrom(at, precision),
      report: report(letter, { publisher }),
      assessments: [reading(saying)],
    };
    return this.do(letter, { type: "RecordStatement", by, data, latest });
  }

  /** Carries out any command, and gives what is announced of it, each with its cause. */
  async do(letter: string, command: StatementCommand): Promise<string[]> {
    await this.ledger.run(st(letter), command);
    return this.heard();
  }

  assess = async (letter: string, as: Pick<Saying, "says" | "on" | "basis" | "confidence">) =>
    this.do(letter, { type: "AssessStatement", by, data: { assessments: [reading(as)] } });
  correct = async (letter: string, data: Partial<Extract<StatementCommand, { type: "CorrectStatement" }>["data"]>) =>
    this.do(letter, { type: "CorrectStatement", by, latest, data: { reason, ...data } });
  redate = async (letter: string, at: string) => this.correct(letter, { saidAt: saidAtFrom(at) });
  addReport = async (letter: string, of: string, publisher = `Outlet ${of}`) =>
    this.do(letter, { type: "AddReport", by, data: { report: report(of, { publisher }) } });
  withdrawReport = async (letter: string, of = letter) =>
    this.do(letter, { type: "WithdrawReport", by, data: { report: rp(of), reason } });
  withdraw = async (letter: string) => this.do(letter, { type: "WithdrawStatement", by, data: { reason } });
  reinstate = async (letter: string, why = reason) =>
    this.do(letter, { type: "ReinstateStatement", by, data: { reason: why } });
  dispute = async (letter: string) => this.do(letter, { type: "DisputeStatement", by, data: { reason } });
  meet = async (letter: string, at: string, proposition = TROOPS) =>
    this.do(letter, { type: "MeetCondition", by, latest, data: { proposition, metAt: saidAtFrom(at) } });
  merge = async (letter: string, into: string) =>
    this.do(letter, { type: "MergeStatement", by, data: { into: st(into) }, other: this.ledger.stateOf(st(into)) });
  accept = async (letter: string, accepted = true) =>
    this.do(letter, { type: "SettleDelegation", by, data: { proposition: TROOPS, accepted } });

  /** Settles that `letter` was said after `after`. */
  async order(letter: string, after: string): Promise<string[]> {
    const other = this.ledger.stateOf(st(after));
    return this.do(letter, { type: "SettleOrder", by, data: { after: st(after) }, other });
  }

  /** What was announced since the last call: the events in lines, with the cause where all share one, at the end. */
  heard(): string[] {
    const fresh = this.events().slice(this.#heard);
    this.#heard += fresh.length;
    const lines = fresh.map(eventLine);
    const causes = [...new Set(fresh.map(({ cause }) => cause))];
    return causes.length === 0 ? lines : [...lines, causes.join("+")];
  }

  events(): DerivedEvent[] {
    return derivedIn(this.ledger.views);
  }

  /** The position's entries in lines, in the order of the fold. */
  timeline(proposition = TROOPS, actor = TRUMP): string[] {
    return entriesKnown(this.ledger.views, { actor, proposition }).map(entryLine);
  }

  /** Where it stands: the last line of the timeline, behind the arrow. */
  stand(proposition = TROOPS, actor = TRUMP): string {
    return this.timeline(proposition, actor).at(-1)?.split(" -> ")[1] ?? "nothing";
  }

  reviews(): string[] {
    return openReviews(this.ledger.views).map(eventLine);
  }

  corroboration(letter: string): number | undefined {
    const rows = this.ledger.views.under(statementPk(st(letter)));
    const body: { corroboration?: number } | undefined = rows.at(-1)?.body;
    return body?.corroboration;
  }

  idsOf(letter: string): string[] {
    const id: StatementId = st(letter);
    return this.events()
      .filter((e) => e.type === "PositionChanged" && e.statement === id)
      .map(({ id: name }) => name);
  }
}

export const HEGSETH = ActorId.parse("pete-hegseth");
