import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

const DOCUMENT = new URL("../../docs/benchmarks.md", import.meta.url);

/** A Markdown table. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What the figures were made on, without the name of anything. */
export function machine(): string {
  const day = new Date().toISOString().slice(0, 10);
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return `${day}; ${availableParallelism()} cores (${model}), ${process.platform}, Node ${process.versions.node}.`;
}

/** Replaces a section of docs/benchmarks.md that stands between two marks. */
export function writeSection(name: string, text: string): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/benchmarks.md has no section ${begin}`);
  writeFileSync(DOCUMENT, `${document.slice(0, from)}${begin}\n${text}\n${document.slice(to)}`);
}
