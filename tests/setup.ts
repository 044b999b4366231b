import { format } from "node:util";
import { afterEach } from "vitest";

/** A test fails on anything written to console.error or console.warn. One that expects it spies on the method. */
const unexpected: string[] = [];

for (const level of ["error", "warn"] as const) {
  console[level] = (...parts: unknown[]) => {
    unexpected.push(`console.${level}: ${format(...parts)}`);
  };
}

afterEach(() => {
  const lines = unexpected.splice(0);
  if (lines.length > 0) throw new Error(`Nothing claimed this output:\n${lines.join("\n")}`);
});
