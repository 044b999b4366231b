import type { Parameter } from "../document.ts";
import { nameIn, type JsonSchema } from "../schemas.ts";
import { markup, prose, type Html, type Piece } from "./html.ts";

function list(values: readonly unknown[]): Html {
  return markup`${values.map((value, at) => [at > 0 && ", ", markup`<code>${String(value)}</code>`])}`;
}

/** What a value is, in a few words, with links to what has a name. */
export function typeOf(schema: JsonSchema): Html {
  const name = nameIn(schema);
  if (name !== undefined) return markup`<a href="#schema-${name}">${name}</a>`;
  if (schema.const !== undefined) return markup`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return list(schema.enum);
  const some = schema.anyOf ?? schema.oneOf;
  if (some !== undefined) return markup`${some.map((one, at) => [at > 0 && " or ", typeOf(one)])}`;
  if (schema.type === "array") return markup`list of ${schema.items ? typeOf(schema.items) : "anything"}`;
  return markup`${schema.format ?? [schema.type ?? "anything"].flat().join(" or ")}`;
}

const BOUNDS: readonly (readonly [keyof JsonSchema, (bound: Piece) => Html])[] = [
  ["minimum", (bound) => markup`at least ${bound}`],
  ["maximum", (bound) => markup`at most ${bound}`],
  ["minLength", (bound) => markup`at least ${bound} long`],
  ["maxLength", (bound) => markup`at most ${bound} long`],
  ["minItems", (bound) => markup`at least ${bound} items`],
  ["maxItems", (bound) => markup`at most ${bound} items`],
  ["pattern", (bound) => markup`matches <code>${bound}</code>`],
];

/** Every bound of a value; integers that JSON can just hold are none. */
function boundsOf(schema: JsonSchema): Html {
  const found = BOUNDS.flatMap(([keyword, say]) => {
    const bound = schema[keyword];
    if (typeof bound === "string") return schema.format === undefined ? say(bound) : [];
    return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? say(bound) : [];
  });
  if (schema.default !== undefined) found.push(markup`default <code>${JSON.stringify(schema.default)}</code>`);
  return markup`${found.map((bound, at) => [at > 0 && "; ", bound])}`;
}

function row(name: string, required: boolean, schema: JsonSchema, description: string): Html {
  return markup`<tr>
    <td><code>${name}</code>${required && markup` <span class="quiet">required</span>`}</td>
    <td>${typeOf(schema)}</td>
    <td>${boundsOf(schema)}</td>
    <td>${prose(description)}</td>
  </tr> `;
}

const HEAD = markup`<tr>
  <th>name</th>
  <th>type</th>
  <th>bounds</th>
  <th>meaning</th>
</tr>`;

export function parameterTable(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(({ name, required, schema, description }) => row(name, required, schema, description));
  return markup`<table>
    ${HEAD}${rows}
  </table>`;
}

/** The fields of an object, with those of the objects inside it below, by dotted names. */
function rowsOf({ properties = {}, required = [] }: JsonSchema, prefix: string): Html[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const inner = field.items?.properties ? field.items : field;
    return [
      row(prefix + name, required.includes(name), field, field.description ?? ""),
      ...(inner.properties ? rowsOf(inner, `${prefix}${name}.`) : []),
    ];
  });
}

/** A value as tables: one for each form that it can have. */
export function schemaTable(schema: JsonSchema): Html {
  const forms = (schema.oneOf ?? schema.anyOf)?.filter(({ properties }) => properties !== undefined) ?? [];
  if (forms.length > 0) return markup`${forms.map((form) => schemaTable(form))}`;
  if (schema.properties === undefined)
    return markup`<p>${typeOf(schema)} <span class="quiet">${boundsOf(schema)}</span></p>`;
  return markup`<table>
    ${HEAD}${rowsOf(schema, "")}
  </table>`;
}
