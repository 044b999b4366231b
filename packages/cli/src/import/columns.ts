import { Failure, UsageError } from "../io.ts";

/** What the rows of a file are. */
export const KINDS = ["statements", "actors", "propositions"] as const;
export type Kind = (typeof KINDS)[number];

type Put = (row: Record<string, unknown>, cell: string) => void;

function nested(row: Record<string, unknown>, name: string): Record<string, unknown> {
  const held = row[name];
  if (isRecord(held)) return held;
  const made: Record<string, unknown> = {};
  row[name] = made;
  return made;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text =
  (name: string): Put =>
  (row, cell) => {
    row[name] = cell;
  };
const inReport =
  (name: string): Put =>
  (row, cell) => {
    nested(row, "report")[name] = cell;
  };
const inAssessment =
  (name: string, read: (cell: string) => unknown = (cell) => cell): Put =>
  (row, cell) => {
    nested(row, "assessment")[name] = read(cell);
  };
const inEvidence =
  (name: string): Put =>
  (row, cell) => {
    nested(nested(row, "assessment"), "evidence")[name] = numberIn(cell);
  };
const list =
  (name: string): Put =>
  (row, cell) => {
    row[name] = cell
      .split(";")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  };

/** A number, or the cell as it is: the schema says what is wrong with it. */
function numberIn(cell: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

function jsonIn(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}

/** The columns that are known, and where their cells go. */
export const COLUMNS: Readonly<Record<Kind, Readonly<Record<string, Put>>>> = {
  statements: {
    speaker: text("speaker"),
    onBehalfOf: text("onBehalfOf"),
    text: text("text"),
    language: text("language"),
    saidAt: text("saidAt"),
    saidAtPrecision: text("saidAtPrecision"),
    saidAtZone: text("saidAtZone"),
    publisher: inReport("publisher"),
    url: inReport("url"),
    publishedAt: inReport("publishedAt"),
    headline: inReport("headline"),
    contentHash: inReport("contentHash"),
    proposition: inAssessment("proposition"),
    stance: inAssessment("stance"),
    condition: inAssessment("condition"),
    force: inAssessment("force"),
    basis: inAssessment("basis"),
    cue: inAssessment("cue"),
    confidence: inAssessment("confidence", numberIn),
    evidenceStart: inEvidence("start"),
    evidenceEnd: inEvidence("end"),
    assessments: (row, cell) => {
      row["assessments"] = jsonIn(cell);
    },
    idempotencyKey: text("idempotencyKey"),
  },
  actors: {
    id: text("id"),
    name: text("name"),
    kind: text("kind"),
    aliases: list("aliases"),
    wikidata: text("wikidata"),
    description: text("description"),
    speaksFor: list("speaksFor"),
  },
  propositions: {
    id: text("id"),
    wording: text("wording"),
    topics: list("topics"),
    keywords: list("keywords"),
    broader: list("broader"),
    description: text("description"),
  },
};

/** What `--map` says: their column's name to ours; to nothing for one to be left out. */
export function mapIn(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((pair) => {
      const at = pair.lastIndexOf("=");
      if (at <= 0) throw new UsageError(`--map takes <column>=<field>, not "${pair}"`);
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

/** Makes rows of cells. Throws when a column is not known. */
export function rowReader(
  kind: Kind,
  header: readonly string[],
  map: ReadonlyMap<string, string>,
): (cells: readonly string[]) => Record<string, unknown> {
  const known = COLUMNS[kind];
  const lost = [...map.keys()].find((name) => !header.includes(name));
  if (lost !== undefined) throw new Failure(`--map names the column "${lost}", which the file does not have`);
  const puts = header.map((name) => {
    const field = map.get(name) ?? name;
    if (field === "") return undefined;
    const put = Object.hasOwn(known, field) ? known[field] : undefined;
    if (put !== undefined) return put;
    throw new Failure(
      `the column "${name}" is not known: name the field that it holds with --map "${name}=<field>", or leave it out with --map "${name}="; fields are ${Object.keys(known).join(", ")}`,
    );
  });
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (const [index, cell] of cells.entries()) if (cell.trim() !== "") puts[index]?.(row, cell);
    const { assessment, ...rest } = row;
    return assessment === undefined ? rest : { ...rest, assessments: rest["assessments"] ?? [assessment] };
  };
}
