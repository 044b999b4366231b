import type { JsonSchema } from "@on-record/functions/api/description/schemas";
import type { Random } from "../../helpers/load-random.ts";
import type { Values } from "./schema-values.ts";

type Json = Record<string, unknown> | unknown[];

/** A place within a body: what holds it, under which key, and the schema of what stands there. */
interface Place {
  holder: Json;
  key: string | number;
  schema: JsonSchema;
}

/** Every place of a value that the schema describes. */
function placesIn(values: Values, given: JsonSchema, value: unknown): Place[] {
  const { schema } = values.resolve(given);
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms !== undefined) return placesIn(values, formOf(values, forms, value), value);
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.flatMap((item, key) => [{ holder: value, key, schema: items }, ...placesIn(values, items, item)]);
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = schema.properties?.[key] ?? {};
    return [{ holder: value, key, schema: own }, ...placesIn(values, own, inner)];
  });
}

/** Of several forms, the one whose fields the value has. */
function formOf(values: Values, forms: readonly JsonSchema[], value: unknown): JsonSchema {
  const fits = (form: JsonSchema) =>
    values.resolve(form).schema.required?.every((name) => isObject(value) && name in value) ?? !isObject(value);
  return forms.find(fits) ?? {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function put({ holder, key }: Place, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}

/** What just misses a schema: one too long, one too much, another type, a word that is not in the list. */
function missOf(random: Random, schema: JsonSchema): unknown {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern } = schema;
  const misses: unknown[] = [null, true, 7, 1.5, -1, "", " ", [], {}, [[]], "x", "undefined", `${2 ** 53}`];
  if (maxLength !== undefined) misses.push("x".repeat(maxLength + 1), "a ".repeat(maxLength));
  if (minLength !== undefined && minLength > 0) misses.push("x".repeat(minLength - 1), " ".repeat(minLength));
  if (minimum !== undefined) misses.push(minimum - 1, minimum - 0.5, String(minimum));
  if (maximum !== undefined) misses.push(maximum + 1, 2 ** 53, 1e21);
  if (minItems !== undefined && minItems > 0) misses.push([]);
  if (maxItems !== undefined) misses.push(Array.from({ length: maxItems + 1 }, () => "x"));
  if (pattern !== undefined) misses.push("A-Z", "a--b", "-a", "a\n", `a${"b".repeat(200)}`);
  return random.pick(misses);
}

/** Alters a copy of a body in one place, so that it most often breaks its schema. Tells what it did. */
export function missBody(
  random: Random,
  values: Values,
  schema: JsonSchema,
  valid: unknown,
): { body: unknown; twist: string } {
  const body: unknown = structuredClone(valid);
  if (!isObject(body)) return { body: random.pick([null, [], 7, "text"]), twist: "another root" };
  const { required = [] } = values.resolve(schema).schema;
  const act = random.below(10);
  if (act === 0 && required.length > 0) {
    const name = random.pick(required);
    Reflect.deleteProperty(body, name);
    return { body, twist: `without ${name}` };
  }
  if (act === 1)
    return { body: { ...body, [random.pick(["surprise", "Text", "id", "version", " "])]: 1 }, twist: "one more" };
  const places = placesIn(values, schema, body);
  if (places.length === 0) return { body: { surprise: 1 }, twist: "one more" };
  const place = random.pick(places);
  const { schema: own } = values.resolve(place.schema);
  if (act === 2 && Array.isArray(place.holder)) {
    place.holder.push(place.holder[Number(place.key)]);
    return { body, twist: "an item twice" };
  }
  if (act === 3 && isObject(place.holder)) {
    const inner = place.holder[place.key];
    if (isObject(inner)) inner["surprise"] = 1;
    else Reflect.deleteProperty(place.holder, place.key);
    return { body, twist: `${place.key} with more or less` };
  }
  put(place, missOf(random, own));
  return { body, twist: `another ${place.key}` };
}
