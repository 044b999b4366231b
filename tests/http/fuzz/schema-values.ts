import type { JsonSchema } from "@on-record/functions/api/description/schemas";
import { nameIn } from "@on-record/functions/api/description/schemas";
import * as fc from "fast-check";
import type { Random } from "../../helpers/load-random.ts";

export type Schemas = Readonly<Record<string, JsonSchema>>;

/** What a schema alone cannot tell: ids that exist, real times. `undefined` leaves it to the schema. */
export type Known = (component: string | undefined, field: string) => unknown;

const OPTIONAL_SHARE = 0.3;
const LISTED_SHARE = 0.8;
const ITEMS_COUNT = 3;
const SAMPLES_COUNT = 60;
/** In every text that is made: what is said must not reach a log line. */
export const CANARY = "quetzal";
const WORDS = ["will", "not", "troops", "peace", "never", "Київ", "مصر", "ǅ", "🕊️", "naïve", "‮txet", "<b>", "a"];
const URL_CHARS = ["story", "a%20b", "ü", "?q=1&r=2", "#part", "~x", "'"];

/** Makes values that a schema of the description allows. */
export class Values {
  readonly #random: Random;
  readonly #schemas: Schemas;
  readonly #known: Known;
  readonly #samples = new Map<string, string[]>();
  /** Components are told apart by their pattern too: parameters are described without naming them. */
  readonly #byPattern: Map<string, string>;

  constructor(random: Random, schemas: Schemas, known: Known) {
    this.#random = random;
    this.#schemas = schemas;
    this.#known = known;
    this.#byPattern = new Map(
      Object.entries(schemas).flatMap(([name, { pattern }]) => (pattern ? [[pattern, name]] : [])),
    );
  }

  /** The schema that a reference leads to, and the name of its component. */
  resolve(schema: JsonSchema): { schema: JsonSchema; name: string | undefined } {
    const name = nameIn(schema) ?? this.#byPattern.get(schema.pattern ?? "");
    const component = name === undefined ? undefined : this.#schemas[name];
    return { schema: nameIn(schema) === undefined ? schema : (component ?? schema), name };
  }

  of(given: JsonSchema, field = ""): unknown {
    const { schema, name } = this.resolve(given);
    const known = this.#known(name, field);
    if (known !== undefined) return known;
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return this.#random.pick(schema.enum);
    const forms = schema.anyOf ?? schema.oneOf;
    if (forms !== undefined) return this.of(this.#random.pick(forms), field);
    switch (schema.type) {
      case "object":
        return this.#object(schema);
      case "array":
        return this.#array(schema, field);
      case "integer":
        return this.#integer(schema);
      case "number":
        return (schema.minimum ?? 0) + this.#random.next() * ((schema.maximum ?? 1) - (schema.minimum ?? 0));
      case "boolean":
        return this.#random.chance(0.5);
      case "null":
        return null;
      case "string":
      case undefined:
      default:
        return this.#string(schema);
    }
  }

  #object({ properties = {}, required = [] }: JsonSchema): Record<string, unknown> {
    const chosen = Object.entries(properties).filter(([name, { items }]) => {
      // A list of things is what a body is about.
      const share = items?.$ref === undefined ? OPTIONAL_SHARE : LISTED_SHARE;
      return required.includes(name) || this.#random.chance(share);
    });
    return Object.fromEntries(chosen.map(([name, schema]) => [name, this.of(schema, name)]));
  }

  #array({ items = {}, minItems = 0, maxItems = ITEMS_COUNT }: JsonSchema, field: string): unknown[] {
    const length = Math.max(minItems, this.#random.below(Math.min(maxItems, ITEMS_COUNT) + 1));
    const made = Array.from({ length }, () => this.of(items, field));
    // Lists of the API hold nothing twice, which no schema says.
    return [...new Map(made.map((item) => [identity(item), item])).values()];
  }

  #integer({ minimum = 0, maximum = 1_000 }: JsonSchema): number {
    const end = Math.min(maximum, minimum + (this.#random.chance(0.5) ? 20 : 2_000));
    return minimum + this.#random.below(end - minimum + 1);
  }

  #string({ pattern, format, minLength = 0, maxLength = 200 }: JsonSchema): string {
    if (pattern !== undefined)
      return this.#random.pick(this.#samplesOf(pattern).filter((text) => text.length <= maxLength));
    if (format === "uri") return `https://news.example/${this.#random.below(40)}/${this.#random.pick(URL_CHARS)}`;
    const words = [CANARY, ...Array.from({ length: 1 + this.#random.below(4) }, () => this.#random.pick(WORDS))];
    const text = `${words.join(" ")} ${this.#random.below(30)}.`;
    return text.slice(0, maxLength).padEnd(minLength, "x");
  }

  #samplesOf(pattern: string): string[] {
    const known = this.#samples.get(pattern);
    if (known !== undefined) return known;
    const seed = this.#random.below(2 ** 31);
    const samples = fc.sample(fc.stringMatching(new RegExp(pattern)), { seed, numRuns: SAMPLES_COUNT });
    this.#samples.set(pattern, samples);
    return samples;
  }
}

/** By what an item of a list is told from others: an assessment by its proposition. */
function identity(item: unknown): string {
  return typeof item === "object" && item !== null && "proposition" in item
    ? String(item.proposition)
    : JSON.stringify(item);
}
