import type { DeadLetter } from "@on-record/local/queue-items";
import type { Queues } from "@on-record/local/queues";
import { oneLine } from "./text.ts";

export interface DeadLetterOptions {
  /** Of every queue unless one is named. */
  readonly queue?: string;
  readonly json?: boolean;
}

export interface RedriveOptions extends DeadLetterOptions {
  /** All unless named. */
  readonly ids?: readonly string[];
}

const MAX_TEXT_CHARS = 120;

/** What was given up, and why. Resolves to the text to print. */
export async function listCommand(
  queues: Pick<Queues, "listDeadLetters">,
  { queue, json = false }: DeadLetterOptions = {},
): Promise<string> {
  const letters = await queues.listDeadLetters(queue);
  if (json) return JSON.stringify(letters.map(toJson), null, 2);
  if (letters.length === 0) return queue === undefined ? "No dead letters." : `No dead letters of ${queue}.`;
  return [
    ...letters.map(toText),
    `${count(letters.length)}. Send them again with: on-record dead-letters redrive`,
  ].join("\n\n");
}

/** Sends dead letters again; they count as new to the retries. Resolves to the text to print. */
export async function redriveCommand(
  queues: Pick<Queues, "redrive">,
  { queue, ids, json = false }: RedriveOptions = {},
): Promise<string> {
  const redriven = await queues.redrive(queue, ids);
  if (json) return JSON.stringify({ redriven });
  const missing = (ids?.length ?? 0) - redriven;
  return `${count(redriven)} sent again.${missing > 0 ? ` ${missing} not found.` : ""}`;
}

function toJson(letter: DeadLetter): Record<string, unknown> {
  return {
    ...letter,
    sentAt: new Date(letter.sentAt).toISOString(),
    buriedAt: new Date(letter.buriedAt).toISOString(),
  };
}

function toText({ queue, id, reason, receives, sentAt, buriedAt, body }: DeadLetter): string {
  return [
    `${queue}  ${id}`,
    `  sent      ${new Date(sentAt).toISOString()}`,
    `  given up  ${new Date(buriedAt).toISOString()}, tried ${receives} ${receives === 1 ? "time" : "times"}`,
    `  reason    ${oneLine(reason, MAX_TEXT_CHARS)}`,
    `  body      ${oneLine(body, MAX_TEXT_CHARS)}`,
  ].join("\n");
}

function count(letters: number): string {
  return letters === 1 ? "1 dead letter" : `${letters} dead letters`;
}
