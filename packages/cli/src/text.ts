import type { Sink } from "./io.ts";

/** What a terminal may take for orders, or shows otherwise than it stands: controls, and marks that turn text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** A text on one line, as a terminal can bear it, whoever wrote it. */
export function oneLine(text: string, maxChars = Infinity): string {
  const line = text.toWellFormed().replace(UNSEEN, " ").replace(/ {2,}/g, " ").trim();
  return line.length > maxChars ? `${line.slice(0, maxChars).toWellFormed()}…` : line;
}

/** A text of several lines, each as a terminal can bear it. Blanks at the beginning of a line stay. */
export function plain(text: string): string {
  return text
    .split("\n")
    .map((line) => line.toWellFormed().replace(UNSEEN, " ").trimEnd())
    .join("\n");
}

/** JSON that a terminal can bear: what it could take for orders stands escaped, and reads as the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return (JSON.stringify(value, null, indent) ?? "null").replace(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** Writes lines for people. */
export async function say(sink: Sink, text: string): Promise<void> {
  await sink.write(`${plain(text)}\n`);
}

/** Writes a value for programs. */
export async function sayJson(sink: Sink, value: unknown, indent?: number): Promise<void> {
  await sink.write(`${jsonText(value, indent)}\n`);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** What an error says, and nothing of where it came from. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
