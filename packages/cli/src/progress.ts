import type { Io } from "./io.ts";
import { plain } from "./text.ts";

/** Tells how far a command has come, on standard error. */
export interface Progress {
  /** So much is done. */
  readonly at: (done: number) => void;
  /** Takes the bar away, so that what follows stands on a line of its own. */
  readonly end: () => void;
}

const BAR_CHARS = 24;
const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5_000;
/** Takes away what stands on a terminal's line. */
export const CLEAR_LINE = "\r\u001b[K";

const number = (value: number) => value.toLocaleString("en-US");

function barOf(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * BAR_CHARS);
  return `[${"#".repeat(full)}${"-".repeat(BAR_CHARS - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}

const SILENT: Progress = { at: () => {}, end: () => {} };

/**
 * A bar where standard error is a terminal, else a line now and then; nothing for programs.
 *
 * @param what is being done: `replaying positions`.
 */
export function startProgress(
  { err, clock }: Pick<Io, "err" | "clock">,
  what: string,
  { total, unit, json }: { total: number; unit: string; json: boolean },
): Progress {
  if (json) return SILENT;
  // A bar is there at once; a line is for what takes its time.
  let shownAt = err.isTTY ? Number.NEGATIVE_INFINITY : clock();
  let shown = -1;
  const label = plain(what);
  const write = (text: string) => void err.write(text);
  const show = (done: number) => {
    shownAt = clock();
    shown = done;
    const count = `${number(done)} of ${number(total)} ${unit}`;
    write(err.isTTY ? `${CLEAR_LINE}${label} ${barOf(done, total)} ${count}` : `${label}: ${count}\n`);
  };
  const everyMs = err.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS;
  let last = 0;
  return {
    at(done) {
      last = done;
      if (clock() - shownAt >= everyMs) show(done);
    },
    end() {
      if (shown !== -1 && last !== shown) show(last);
      if (err.isTTY) write(CLEAR_LINE);
    },
  };
}
