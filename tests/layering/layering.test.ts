import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LAYERS, PLANTS } from "./plants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OXLINT = join(ROOT, "node_modules/oxlint/bin/oxlint");
const CORE = join(ROOT, "packages/core/src");

/** Runs oxlint under the repository's configuration and gives the codes reported, file by file. */
function lint(folder: string, paths: readonly string[]): Map<string, string[]> {
  const run = spawnSync(process.execPath, [OXLINT, "-f", "json", ...paths], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  const report = JSON.parse(run.stdout) as { diagnostics: { filename: string; code: string }[] };
  const found = new Map<string, string[]>();
  for (const { filename, code } of report.diagnostics) found.set(filename, [...(found.get(filename) ?? []), code]);
  return found;
}

function plantAll(folder: string) {
  copyFileSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8")) as {
    compilerOptions: object;
  };
  const options = { ...compilerOptions, typeRoots: [join(ROOT, "node_modules/@types")] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["packages"] }));
  for (const { file, source } of PLANTS) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
}

/** Asks the clock without saying so to the linter: `new Date()` and `Date()`, but not `new Date(value)`. */
const ASKS_THE_CLOCK = /\bDate\(\s*\)/;

describe("a planted violation", () => {
  const folder = mkdtempSync(join(tmpdir(), "on-record-layers-"));
  let found: Map<string, string[]>;
  beforeAll(() => {
    plantAll(folder);
    found = lint(folder, []);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rules = [...new Set(PLANTS.flatMap(({ rule }) => rule ?? []))];
  test.each(rules)("of %s is reported, in every layer that must hold it", (rule) => {
    const planted = PLANTS.filter((plant) => plant.rule === rule);
    const missed = planted.filter(({ file }) => !found.get(file)?.includes(rule));
    expect(missed.map(({ file, source }) => `${file}: ${source}`)).toEqual([]);
  });

  test("is all that is reported: what a layer may import passes", () => {
    const surplus = PLANTS.flatMap(({ file, rule }) =>
      (found.get(file) ?? []).filter((code) => code !== rule).map((code) => `${file}: ${code}`),
    );
    expect(surplus).toEqual([]);
  });

  test("of the clock is recognised", () => {
    expect(["new Date()", "Date( )", "new Date(value)"].map((source) => ASKS_THE_CLOCK.test(source))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("the tree", () => {
  test("breaks no layer", () => {
    const structural = /no-restricted|no-cycle/;
    const broken = [...lint(ROOT, ["packages"])].filter(([, codes]) => codes.some((code) => structural.test(code)));
    expect(broken).toEqual([]);
  });

  test("has no layer in core that the rules do not know", () => {
    const folders = readdirSync(CORE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !(name in LAYERS))).toEqual([]);
  });

  test("asks no clock in the domain", () => {
    const files = readdirSync(join(CORE, "domain"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const asking = files.filter((name) => ASKS_THE_CLOCK.test(readFileSync(join(CORE, "domain", name), "utf8")));
    expect(asking).toEqual([]);
  });
});
