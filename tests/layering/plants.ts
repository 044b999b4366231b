/** A file that breaks one rule, or none: `rule` is all that oxlint may report for it. */
export interface Plant {
  readonly file: string;
  readonly source: string;
  readonly rule: string | undefined;
}

const IMPORT = "eslint(no-restricted-imports)";
const PROPERTY = "eslint(no-restricted-properties)";
const GLOBAL = "eslint(no-restricted-globals)";

/** What each layer of core may import, beside its own files and wiring, limits and errors. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  log: ["domain"],
  storage: ["domain", "log"],
  commands: ["domain", "log"],
  sequencer: ["log"],
  projections: ["domain", "log"],
  queries: ["domain", "log", "projections"],
  assessment: ["domain"],
  access: ["domain", "log"],
  delivery: ["domain", "log", "projections"],
  erasure: ["domain", "log", "projections"],
};

const OTHER_PACKAGES = ["functions", "local", "cli", "web", "client"];
const VENDORS = ["@aws-sdk/client-dynamodb", "@smithy/types", "hono", "sst", "node:process"];

function importing(file: string, specifier: string, rule: string | undefined): Plant {
  return { file, source: `export { used } from "${specifier}";\n`, rule };
}

/** Every pair of layers, allowed or not, from the layer's own folder and from one below it. */
function pairs(): Plant[] {
  const names = Object.keys(LAYERS);
  return names.flatMap((from) =>
    names.flatMap((to) => {
      if (from === to) return [];
      const rule = LAYERS[from]?.includes(to) ? undefined : IMPORT;
      return [
        importing(`packages/core/src/${from}/to-${to}.ts`, `../${to}/thing.ts`, rule),
        importing(`packages/core/src/${from}/deep/to-${to}.ts`, `../../${to}/thing.ts`, rule),
      ];
    }),
  );
}

function beyondCore(): Plant[] {
  return [...Object.keys(LAYERS), ""].flatMap((layer) => {
    const folder = `packages/core/src/${layer}${layer && "/"}`;
    const vendors = layer === "storage" ? ["hono", "sst", "node:process"] : VENDORS;
    return [
      ...OTHER_PACKAGES.map((name) => importing(`${folder}to-${name}.ts`, `@on-record/${name}/thing`, IMPORT)),
      ...vendors.map((name, index) => importing(`${folder}vendor-${index}.ts`, name, IMPORT)),
      {
        file: `${folder}environment.ts`,
        source: "export const table = process.env;\n",
        rule: layer === "domain" ? GLOBAL : PROPERTY,
      },
    ];
  });
}

/** Each row: the importing package, the specifier, and whether that is allowed. */
const BETWEEN_PACKAGES: readonly (readonly [file: string, specifier: string, allowed: boolean])[] = [
  ["functions/src/api/a.ts", "@on-record/core/commands/record", true],
  ["functions/src/api/b.ts", "@on-record/core/storage/dynamo", false],
  ["functions/src/api/c.ts", "@aws-sdk/client-dynamodb", false],
  ["functions/src/sequence.ts", "sst", false],
  ["functions/src/http/d.ts", "@on-record/local/engine", false],
  ["functions/src/http/e.ts", "@on-record/cli/main", false],
  ["functions/src/deps.ts", "@on-record/core/storage/dynamo", true],
  ["local/src/a.ts", "@on-record/functions/sequence", true],
  ["local/src/b.ts", "@on-record/cli/main", false],
  ["cli/src/a.ts", "@on-record/core/log/proof", true],
  ["cli/src/b.ts", "@on-record/core/storage/dynamo", false],
  ["cli/src/c.ts", "@on-record/local/engine", true],
  ["cli/src/d.ts", "@on-record/core/commands/inputs", true],
  ["cli/src/e.ts", "@on-record/core/commands/inputs-of-others", false],
  ["cli/src/commands/f.ts", "@on-record/core/projections/replay", false],
  ["cli/src/upkeep/a.ts", "@on-record/core/projections/replay", true],
  ["cli/src/upkeep/b.ts", "@on-record/core/storage/dynamo", false],
  ["cli/src/upkeep/c.ts", "@on-record/core/commands/record", false],
  ["cli/src/verify/a.ts", "@on-record/core/queries/log-tree", false],
  ["cli/src/verify/b.ts", "@on-record/local/stores", false],
  ["cli/src/verify/c.ts", "../upkeep/open.ts", false],
  ["cli/src/verify/d.ts", "@on-record/core/log/tree/verify", true],
  ["functions/src/http/f.ts", "@on-record/client", false],
  ["local/src/c.ts", "@on-record/client", true],
  ["client/src/a.ts", "./send.ts", true],
  ["client/src/b.ts", "@on-record/functions/http/catalogue", false],
  ["client/src/c.ts", "node:crypto", false],
  ["client/src/d.ts", "zod", false],
  ["web/src/a.ts", "@on-record/core/domain/stance", false],
];

const SINGLE: readonly Plant[] = [
  importing("packages/core/src/domain/zod.ts", "zod", undefined),
  importing("packages/core/src/domain/zodiac.ts", "zodiac", IMPORT),
  importing("packages/core/src/domain/said-at.ts", "temporal-polyfill", undefined),
  importing("packages/core/src/domain/other.ts", "temporal-polyfill", IMPORT),
  importing("packages/core/src/domain/crypto.ts", "node:crypto", IMPORT),
  importing("packages/core/src/domain/errors.ts", "../errors.ts", undefined),
  importing("packages/core/src/storage/vendor.ts", "@aws-sdk/client-dynamodb", undefined),
  importing("packages/core/src/wiring-up.ts", "./storage/dynamo.ts", IMPORT),
  { file: "packages/core/src/domain/clock.ts", source: "export const now = () => Date.now();\n", rule: PROPERTY },
  {
    file: "packages/core/src/domain/temporal.ts",
    source:
      "declare const Temporal: { Now: { instant(): number } };\nexport const now = () => Temporal.Now.instant();\n",
    rule: PROPERTY,
  },
  { file: "packages/core/src/domain/chance.ts", source: "export const dice = () => Math.random();\n", rule: PROPERTY },
  { file: "packages/core/src/domain/id.ts", source: "export const id = () => crypto.randomUUID();\n", rule: GLOBAL },
  {
    file: "packages/core/src/storage/port.ts",
    source: 'import type { Tokens } from "../access/ports.ts";\nexport type Again = Tokens;\n',
    rule: undefined,
  },
  {
    file: "packages/core/src/projections/dynamic.ts",
    source: 'export const later = () => import("../commands/record.ts");\n',
    rule: IMPORT,
  },
  {
    file: "packages/core/src/projections/typed.ts",
    source: 'export type Later = import("../commands/record.ts").Later;\n',
    rule: "typescript(consistent-type-imports)",
  },
  { file: "packages/core/src/queries/again.ts", source: 'export * from "../commands/record.ts";\n', rule: IMPORT },
  {
    file: "packages/web/src/types.ts",
    source: 'import type { Stance } from "@on-record/core/domain/stance";\nexport type Again = Stance;\n',
    rule: undefined,
  },
  {
    file: "packages/client/src/types.ts",
    source: 'import type { ZodType } from "zod";\nexport type Again = ZodType;\n',
    rule: undefined,
  },
  { file: "packages/client/src/bytes.ts", source: 'export const bytes = Buffer.from("");\n', rule: GLOBAL },
  { file: "packages/functions/src/api/env.ts", source: "export const home = process.env;\n", rule: PROPERTY },
  { file: "packages/core/src/log/talk.ts", source: 'console.log("hello");\n', rule: "eslint(no-console)" },
  { file: "packages/cli/src/talk.ts", source: 'console.log("hello");\n', rule: undefined },
  {
    file: "packages/core/src/log/ring-a.ts",
    source: 'import { b } from "./ring-b.ts";\nexport const a = (): number => b;\n',
    rule: "import(no-cycle)",
  },
  {
    file: "packages/core/src/log/ring-b.ts",
    source: 'import { a } from "./ring-a.ts";\nexport const b = a();\n',
    rule: "import(no-cycle)",
  },
  {
    file: "packages/core/src/log/long.ts",
    source: Array.from({ length: 251 }, (_, n) => `export const n${n} = ${n};\n`).join(""),
    rule: "eslint(max-lines)",
  },
  {
    file: "packages/core/src/log/un-awaited.ts",
    source: "const write = async () => 1;\nexport function go() {\n  write();\n}\n",
    rule: "typescript(no-floating-promises)",
  },
  {
    file: "packages/core/src/log/misused.ts",
    source: "export const go = (write: () => Promise<boolean>) => {\n  if (write()) return 1;\n  return 2;\n};\n",
    rule: "typescript(no-misused-promises)",
  },
  {
    file: "packages/core/src/log/any.ts",
    source: "export const id = (value: any): unknown => value;\n",
    rule: "typescript(no-explicit-any)",
  },
  {
    file: "packages/core/src/log/sure.ts",
    source: "export const first = (values: readonly string[]): string => values[0]!;\n",
    rule: "typescript(no-non-null-assertion)",
  },
];

export const PLANTS: readonly Plant[] = [
  ...pairs(),
  ...beyondCore(),
  ...BETWEEN_PACKAGES.map(([file, specifier, allowed]) =>
    importing(`packages/${file}`, specifier, allowed ? undefined : IMPORT),
  ),
  ...SINGLE,
];
