import { OnRecordError, type Item } from "@on-record/client";
import { command, wholeNumber } from "../args.ts";
import { DONE, UsageError, type Io } from "../io.ts";
import { HTTP_OPTIONS, remoteLedger, type RemoteLedger } from "../ledger.ts";
import { oneLine, say, sayJson } from "../text.ts";

type Entry = Item<"listLog">;
type Change = Item<"listChanges">;

const LAST_COUNT = 20;
const PAGE_COUNT = 100;
const POLL_MS = 1_000;

function entryText({ sequence, recordedAt, type, stream, version, recordedBy }: Entry): string {
  return `${String(sequence).padStart(6)}  ${recordedAt}  ${type.padEnd(20)}  ${stream}@${version}  by ${recordedBy}`;
}

function changeText(change: Change): string {
  const { sequence, recordedAt, actor, proposition, type } = change;
  const what =
    type === "PositionChanged" ? `${change.change}, reversal ${change.reversal}: ${change.current.stance}` : type;
  return `${String(sequence).padStart(6)}  ${recordedAt}  ${actor}  ${proposition}  ${oneLine(what)}`;
}

interface Told {
  text: string;
  value: Entry | Change;
}

/** Where to go on, and what was found; `isEnd` where there is no more yet. */
interface Found<Place> {
  told: Told[];
  next: Place;
  isEnd: boolean;
}
type Step<Place> = (place: Place) => Promise<Found<Place>>;

/** Entries of the log behind a number. */
function logStep({ client, options }: RemoteLedger): Step<number> {
  return async (after) => {
    const { entries } = await client.listLog({ ...(after >= 0 && { after }), limit: PAGE_COUNT }, options);
    const told = entries.map((entry) => ({ text: entryText(entry), value: entry }));
    return { told, next: entries.at(-1)?.sequence ?? after, isEnd: entries.length < PAGE_COUNT };
  };
}

/** Changes behind a cursor, those of earlier events left out. The log says from when on there can be others. */
async function changesStep({ client, options }: RemoteLedger, since: number): Promise<Step<string | undefined>> {
  const behind = await client.listLog({ ...(since >= 0 && { after: since }), limit: 1 }, options);
  const recordedFrom = behind.entries[0]?.recordedAt ?? behind.recordedAt ?? undefined;
  return async (cursor) => {
    const asked = { ...(recordedFrom !== undefined && { recordedFrom }), ...(cursor !== undefined && { cursor }) };
    const { changes, next } = await client.listChanges({ ...asked, limit: PAGE_COUNT }, options);
    const told = changes
      .filter(({ sequence }) => sequence > since)
      .map((change) => ({ text: changeText(change), value: change }));
    return { told, next, isEnd: next === cursor };
  };
}

/** Whether it was the person who ended it. */
function wasEnded(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && !(error instanceof OnRecordError && error.status !== 0);
}

async function follow<Place>(
  io: Io,
  step: Step<Place>,
  from: Place,
  { isEndless, json }: { isEndless: boolean; json: boolean },
): Promise<void> {
  let place = from;
  try {
    while (!io.signal.aborted && !io.out.closed) {
      const { told, next, isEnd } = await step(place);
      for (const { text, value } of told) await (json ? sayJson(io.out, value) : say(io.out, text));
      place = next;
      if (isEnd && !isEndless) return;
      if (isEnd) await io.sleep(POLL_MS, io.signal);
    }
  } catch (error) {
    if (!wasEnded(error, io.signal)) throw error;
  }
}

/** `on-record tail`. */
export const tail = command({
  name: "tail",
  summary: "Print the log, or what moved, as it comes",
  about:
    "Prints the last entries of the log, a line each, and with --follow goes on with what comes, until Ctrl-C. With --changes it prints what moved instead: changes of positions, contests, requests for review. With --json each line is a JSON object.",
  options: {
    since: {
      type: "string",
      value: "<number>",
      about: `begin behind the event of this number (default: the last ${LAST_COUNT})`,
    },
    follow: { type: "boolean", about: "wait for more, asking every second" },
    changes: { type: "boolean", about: "what moved, in place of the log" },
    log: { type: "boolean", about: "the log (the default)" },
    ...HTTP_OPTIONS,
    json: { type: "boolean", about: "for programs: an object a line" },
  },
  examples: [
    ["on-record tail --follow", "Watch the log of this machine's ledger"],
    ["on-record tail --changes --since 0 --json", "Everything that moved since event 0, for a program"],
  ],
  async run({ values }, io) {
    if (values.changes && values.log) throw new UsageError("--changes and --log are two things: give one of them");
    const given = values.since === undefined ? undefined : wholeNumber(values.since, "--since");
    const ledger = await remoteLedger(io, values);
    const { size } = await ledger.client.listLog({ limit: 1 }, ledger.options);
    const since = given ?? size - 1 - LAST_COUNT;
    const how = { isEndless: values.follow, json: values.json };
    if (values.changes) await follow(io, await changesStep(ledger, since), undefined, how);
    else await follow(io, logStep(ledger), since, how);
    return DONE;
  },
});
