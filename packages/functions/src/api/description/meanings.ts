import { FIELDS } from "./fields.ts";
import type { Parameter } from "./document.ts";
import { PARAMETERS } from "./parameters.ts";
import { SCALARS } from "./scalars.ts";
import type { JsonSchema } from "./schemas.ts";

const MEANINGS: Readonly<Record<string, string>> = { ...FIELDS, ...PARAMETERS };

/** The meaning of a field: that of this place, else of its parent, else of the name. Throws for one without any. */
function meaningOf(place: string, parent: string, name: string): string {
  const meaning = MEANINGS[`${place}.${name}`] ?? MEANINGS[`${parent}.${name}`] ?? MEANINGS[name];
  if (meaning === undefined) throw new Error(`nothing says what ${name} means in ${place}, ${parent}`);
  return meaning;
}

function walk(schema: JsonSchema, place: string, parent: string): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    field.description ??= meaningOf(place, parent, name);
    walk(field, place, name);
  }
  if (schema.items) walk(schema.items, place, parent);
  for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(one, place, parent);
}

/** Says of a component, and of every field of it, what it means. */
export function describeComponent(component: string, schema: JsonSchema): void {
  const about = SCALARS[component];
  if (about !== undefined) schema.description ??= about;
  walk(schema, component, "");
}

/** Says of every parameter of a route what it means. */
export function describeParameters(method: string, path: string, parameters: readonly Parameter[]): Parameter[] {
  return parameters.map((each) => ({ ...each, description: meaningOf(`${method} ${path}`, method, each.name) }));
}
