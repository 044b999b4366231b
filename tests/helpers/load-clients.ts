/** Clients that post statements and change them, at random but the same for the same seed. */
import { setTimeout as sleep } from "node:timers/promises";
import { LoadClient, type LoadRecord, type LoadRequest, type Told } from "./load-http.ts";
import { randomFrom, type Random } from "./load-random.ts";

const PRESIDENT = "the-president";
const SECRETARY = "the-secretary";
const MINISTER = "the-minister";
const PROPOSITIONS = ["send-troops", "raise-taxes", "join-the-pact"];
const PRIVATE_PROPOSITION = "send-troops";
const STANCES = ["committed", "leaning_for", "open", "leaning_against", "ruled_out"];
const MORE_STANCES = [...STANCES, "ruled_out", "no_comment", "unclear"];
const VOICES = [
  { speaker: PRESIDENT },
  { speaker: PRESIDENT },
  { speaker: SECRETARY, onBehalfOf: PRESIDENT },
  { speaker: SECRETARY },
  { speaker: MINISTER },
];
const FIRST_DAY_MS = Date.UTC(2025, 7, 1);
const DAYS = 12;
const SECOND_MS = 1_000;
const LONGEST_PAUSE_MS = 150;

export const ACTORS = [PRESIDENT, SECRETARY, MINISTER];
export const soloOf = (client: number): string => `solo-${client}`;

/** A statement as its only author knows it: what the ledger must come to is known without the ledger. */
interface Own {
  id: string;
  atMs: number;
  stance: string;
  withdrawn: boolean;
}

/** What a client alone in its actor's name must find in the end. */
export interface Expected {
  actor: string;
  proposition: string;
  /** `undefined`: no position. */
  stance: string | undefined;
}

/** The statements that all clients work on. */
export interface Shared {
  readonly statements: { id: string; reports: string[] }[];
}

/** Defines what statements refer to. */
export async function setUp(at: { url: string; token: string }, record: LoadRecord, clients: number): Promise<void> {
  const client = new LoadClient(at, randomFrom(0), record);
  const solos = Array.from({ length: clients }, (_, index) => soloOf(index));
  for (const id of [...ACTORS, ...solos]) {
    const body = { name: `Person ${id}`, kind: "person" };
    await client.ask({ method: "PUT", path: `/v1/actors/${id}`, key: `actor-${id}`, body });
  }
  for (const id of PROPOSITIONS) {
    const body = { wording: `The country does: ${id}` };
    await client.ask({ method: "PUT", path: `/v1/propositions/${id}`, key: `proposition-${id}`, body });
  }
}

export class Poster {
  readonly #http: LoadClient;
  readonly #random: Random;
  readonly #record: LoadRecord;
  readonly #shared: Shared;
  readonly #number: number;
  readonly #own: Own[] = [];
  #count = 0;

  constructor(
    number: number,
    options: { at: { url: string; token: string }; seed: number; record: LoadRecord; shared: Shared },
  ) {
    this.#number = number;
    this.#random = randomFrom(options.seed * 1_000 + number + 1);
    this.#http = new LoadClient(options.at, this.#random, options.record);
    this.#record = options.record;
    this.#shared = options.shared;
  }

  /** Posts until told to end; what is under way is carried through. */
  async run(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      await sleep(this.#random.below(LONGEST_PAUSE_MS));
      if (this.#random.chance(0.3)) await this.#stepAlone();
      else await this.#stepShared();
    }
  }

  get expected(): Expected {
    const standing = this.#own.filter(({ withdrawn }) => !withdrawn).toSorted((a, b) => a.atMs - b.atMs);
    return { actor: soloOf(this.#number), proposition: PRIVATE_PROPOSITION, stance: standing.at(-1)?.stance };
  }

  /** A correction overwrites, so it names what it has read. */
  async #correct(statement: string, body: object): Promise<Told> {
    return this.#post(`${statement}/corrections`, body, { ifMatch: await this.#http.etagOf(statement) });
  }

  async #post(path: string, body: object, more: Pick<LoadRequest, "ifMatch"> = {}): Promise<Told> {
    this.#count += 1;
    const request: LoadRequest = { method: "POST", path, key: `c${this.#number}-${this.#count}`, body, ...more };
    const told = await this.#http.ask(request);
    // Asked again after an answer, the same request is answered the same.
    if (told.event !== undefined && this.#random.chance(0.1)) {
      const again = await this.#http.ask(request);
      if (again.event !== told.event || !again.replayed) {
        this.#record.violations.push(`${request.key} was first ${told.event}, then ${again.event} (${again.status})`);
      }
    }
    return told;
  }

  /** Only instants, each its own: the last said is where the actor stands. */
  async #stepAlone(): Promise<void> {
    const random = this.#random;
    const atMs = FIRST_DAY_MS + random.below(DAYS * 86_400) * SECOND_MS + (this.#count % SECOND_MS);
    const target = this.#own.length > 0 && random.chance(0.5) ? random.pick(this.#own) : undefined;
    const stance = random.pick(STANCES);
    if (target === undefined) {
      const said = { saidAt: new Date(atMs).toISOString(), speaker: soloOf(this.#number) };
      const told = await this.#post(
        "/v1/statements",
        this.#statement(said, [{ proposition: PRIVATE_PROPOSITION, stance }]),
      );
      if (told.statement) this.#own.push({ id: told.statement.id, atMs, stance, withdrawn: false });
      return;
    }
    const path = `/v1/statements/${target.id}`;
    if (target.withdrawn) {
      const told = await this.#post(`${path}/reinstatement`, { reason: "it was right after all" });
      if (told.status < 300) target.withdrawn = false;
    } else if (random.chance(0.3)) {
      const told = await this.#post(`${path}/withdrawal`, { reason: "recorded by mistake" });
      if (told.status < 300) target.withdrawn = true;
    } else if (random.chance(0.5)) {
      const told = await this.#correct(path, {
        reason: "the clock was wrong",
        saidAt: new Date(atMs).toISOString(),
      });
      if (told.status < 300) target.atMs = atMs;
    } else {
      const told = await this.#post(`${path}/assessments`, {
        assessments: [{ proposition: PRIVATE_PROPOSITION, stance }],
      });
      if (told.status < 300) target.stance = stance;
    }
  }

  async #stepShared(): Promise<void> {
    const { statements } = this.#shared;
    if (statements.length < 3 || this.#random.chance(0.4)) {
      const said = { saidAt: this.#when(), ...this.#random.pick(VOICES) };
      const told = await this.#post("/v1/statements", this.#statement(said, this.#assessments()));
      if (told.statement)
        statements.push({ id: told.statement.id, reports: told.statement.reports.map(({ id }) => id) });
      return;
    }
    await this.#change(this.#random.pick(statements), this.#random.pick(statements).id);
  }

  async #change(target: { id: string; reports: string[] }, other: string): Promise<void> {
    const random = this.#random;
    const path = `/v1/statements/${target.id}`;
    const reason = `as the record shows (${this.#count})`;
    const proposition = random.pick(PROPOSITIONS);
    const acts: (() => Promise<Told>)[] = [
      () => this.#post(`${path}/reports`, this.#report()),
      () => this.#post(`${path}/reports/${random.pick(target.reports)}/withdrawal`, { reason }),
      () => this.#post(`${path}/assessments`, { assessments: this.#assessments() }),
      () => this.#correct(path, { reason, saidAt: this.#when() }),
      () => this.#correct(path, { reason, ...random.pick(VOICES) }),
      () => this.#post(`${path}/disputes`, { reason }),
      () => this.#post(`${path}/conditions`, { proposition, metAt: this.#when() }),
      () => this.#post(`${path}/settlements`, { kind: "order", after: other }),
      () => this.#post(`${path}/settlements`, { kind: "delegation", proposition, accepted: random.chance(0.5) }),
      () => this.#post(`${path}/merge`, { into: other }),
      () => this.#post(`${path}/withdrawal`, { reason }),
      () => this.#post(`${path}/reinstatement`, { reason }),
      () => this.#post(`${path}/reinstatement`, { reason }),
    ];
    const told = await random.pick(acts)();
    const seen = target;
    if (told.statement) seen.reports = told.statement.reports.map(({ id }) => id);
  }

  #statement(said: object, assessments: object[]): object {
    const text = `Statement ${this.#number}/${this.#count}: we will see.`;
    return { ...said, text, report: this.#report(), assessments };
  }

  #report(): object {
    const outlet = this.#random.below(5);
    return { publisher: `Outlet ${outlet}`, url: `https://outlet-${outlet}.example/${this.#number}/${this.#count}` };
  }

  #assessments(): object[] {
    const first = this.#random.below(PROPOSITIONS.length);
    const count = 1 + this.#random.below(2);
    return Array.from({ length: count }, (_, index) => ({
      proposition: PROPOSITIONS[(first + index) % PROPOSITIONS.length],
      stance: this.#random.pick(MORE_STANCES),
      ...(this.#random.chance(0.2) && { condition: "if asked" }),
      ...(this.#random.chance(0.15) && { basis: "model", confidence: this.#random.pick([0.3, 0.9]) }),
    }));
  }

  /** Mostly late, often overlapping. */
  #when(): string {
    const at = new Date(FIRST_DAY_MS + this.#random.below(DAYS * 86_400) * SECOND_MS).toISOString();
    return this.#random.pick([at.slice(0, 10), `${at.slice(0, 16)}Z`, at]);
  }
}
