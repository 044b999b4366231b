import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entryBytes } from "@on-record/core/log/tree/entry";
import { leafHash } from "@on-record/core/log/tree/hash";
import { base64 } from "@on-record/core/log/tree/text";
import type { Json } from "./cli-for-tests.ts";

/** An export that somebody alters who can alter all of it. */
export class Tampered {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A copy of an export. */
  static of(original: string, name: string): Tampered {
    const folder = join(original, "..", name);
    cpSync(original, folder, { recursive: true });
    return new Tampered(folder);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  write(name: string, text: string): this {
    writeFileSync(join(this.folder, name), text);
    return this;
  }

  /** Alters a file as a text. */
  edit(name: string, alter: (text: string) => string): this {
    const before = this.read(name);
    const after = alter(before);
    if (after === before) throw new Error("nothing was altered");
    return this.write(name, after);
  }

  /** Alters the list of lines of a file. */
  lines(name: string, alter: (lines: string[]) => string[]): this {
    return this.edit(name, (text) =>
      alter(text.split("\n").slice(0, -1))
        .map((line) => `${line}\n`)
        .join(""),
    );
  }

  /** Alters one event's line. */
  event(sequence: number, alter: (line: Json) => void): this {
    return this.lines("events.jsonl", (lines) =>
      lines.map((text, index) => {
        if (index !== sequence) return text;
        const line = JSON.parse(text);
        alter(line);
        return JSON.stringify(line);
      }),
    );
  }

  /** Makes the leaves fit the events again. */
  leavesAnew(): this {
    const leaves = this.read("events.jsonl")
      .split("\n")
      .slice(0, -1)
      .map((text) => {
        const { entry } = JSON.parse(text);
        return `${base64(leafHash(entryBytes(entry)))} ${entry.id}\n`;
      });
    return this.write("leaves.txt", leaves.join(""));
  }

  /** Makes the sums fit the files again. */
  sumsAnew(): this {
    const names = readdirSync(this.folder).filter((name) => name !== "SHA256SUMS");
    const sums = names.map(
      (name) =>
        `${createHash("sha256")
          .update(readFileSync(join(this.folder, name)))
          .digest("hex")}  ${name}\n`,
    );
    return this.write("SHA256SUMS", sums.join(""));
  }
}
