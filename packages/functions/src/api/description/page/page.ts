import { CATALOGUE } from "../../../http/catalogue.ts";
import { CODES, memberNamesOf, statusOfCode } from "../../answers/problem.ts";
import type { DescribedOperation, OpenApi } from "../document.ts";
import { codesOf } from "../document.ts";
import type { Operation } from "../operation.ts";
import { OPERATIONS } from "../operations.ts";
import { openApiPath } from "../paths.ts";
import { nameIn } from "../schemas.ts";
import { curlOf } from "./curl.ts";
import { parameterTable, schemaTable, typeOf } from "./fields.ts";
import { Html, markup, prose } from "./html.ts";
import { STYLE } from "./style.ts";

const ROUTES = Object.entries<Operation>(OPERATIONS);

function shown(value: unknown): Html {
  return markup`<pre>${typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>`;
}

function codeLink(code: string): Html {
  return markup`<a href="#error-${code}"><code>${code}</code></a> `;
}

function navigation({ tags }: OpenApi): Html {
  const groups = tags.map(({ name }) => {
    const routes = ROUTES.filter(([, { noun }]) => noun === name);
    return markup`<h2>${name}</h2>
      <ul>
        ${routes.map(([id, { summary }]) => markup`<li><a href="#${id}">${summary}</a></li>`)}
      </ul> `;
  });
  return markup`<nav>
    <b><a href="#top">On Record</a></b>
    <ul>
      <li><a href="#general">In general</a></li>
      <li><a href="#errors">Errors</a></li>
      <li><a href="#schemas">Schemas</a></li>
      <li><a href="/openapi.json">openapi.json</a></li>
    </ul>
    ${groups}
  </nav>`;
}

const GENERAL = [
  "Every route below `/v1` takes `Authorization: Bearer <token>`, and a token with the scope that stands beside it. Scopes do not include each other, but for `admin`, which has them all. Where the ledger is set to public reading, what takes `read` takes no token.",
  "Bodies are JSON in UTF-8, sent as `application/json`. A field or a query parameter that is not known is refused, and so are a key given twice, half a surrogate pair and NUL. Words are trimmed and not empty; lengths count UTF-16 units.",
  "Times in requests are RFC 3339 date-times with an offset (seconds may be left out), or dates where a type says so; years 1000 to 9998. Times in answers are UTC with milliseconds.",
  "Send an `Idempotency-Key` with what may be repeated: the same request under the same key gets its first answer again, marked `replayed`. Another request under the key is refused. A key counts for all new statements together, and otherwise within the stream that it was used on.",
  "The `ETag` of a resource is the version of its stream. `If-Match` refuses to act on anything else. What overwrites something that is there, a PUT or a correction, has to have it.",
  "Lists hold `limit` items a page, at most. Where there is more, `next` is the `cursor` to go on with, and the `Link` header leads there. HEAD works wherever GET does.",
];

function exampleOf(id: string, operation: Operation, described: DescribedOperation): Html {
  const examples = Object.entries(operation.examples).map(([key, example]) => {
    const media = Object.values(described.responses[example.status]?.content ?? {});
    const answer = media.map(({ examples }) => examples?.[key]?.value).find((value) => value !== undefined);
    return markup`<details>
      <summary>${example.summary}</summary>
      <pre>${curlOf(operation, example)}</pre>
      <p class="quiet">is answered ${example.status}${answer === undefined ? "." : ":"}</p>
      ${answer !== undefined && shown(answer)}
    </details> `;
  });
  return markup`<h4 id="${id}-examples">Examples</h4>
    ${examples}`;
}

function answersOf(operation: Operation, { responses }: DescribedOperation): Html {
  const told: Readonly<Record<number, string>> = operation.statuses;
  const rows = Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, { description, content, headers }]) => {
      const forms = Object.entries(content ?? {}).map(([type, { schema }]) =>
        type === "application/json" ? typeOf(schema) : markup`<code>${type}</code>`,
      );
      const words = told[Number(status)] ?? description;
      return markup`<tr>
        <td><code>${status}</code></td>
        <td>${words}</td>
        <td>${forms}</td>
        <td class="quiet">${Object.keys(headers).join(", ")}</td>
      </tr> `;
    });
  return markup`<h4>Answers</h4>
    <table>
      ${rows}
    </table>
    <p class="quiet">Refusals: ${codesOf(operation).map(codeLink)}</p>`;
}

function routeSection(id: string, operation: Operation, document: OpenApi): Html {
  const { method, path, summary, notes, scope } = operation;
  const described = document.paths[openApiPath(path)]?.[method.toLowerCase()];
  if (described === undefined) throw new Error(`${id} is not described`);
  const body = described.requestBody?.content["application/json"]?.schema;
  const named = body && document.components.schemas[nameIn(body) ?? ""];
  return markup`<section>
    <h3 id="${id}">${summary}</h3>
    <p class="route ${method.toLowerCase()}"><b>${method}</b>${openApiPath(path)}</p>
    ${notes !== undefined && markup`<p>${prose(notes)}</p>`}
    <p class="quiet">
      ${scope === null ? "Takes no token." : scope === "any" ? "Takes any valid token." : prose(`Takes the scope \`${scope}\`.`)}
    </p>
    ${
      described.parameters.length > 0 &&
      markup`<h4>Parameters</h4>
        ${parameterTable(described.parameters)}`
    }
    ${
      body &&
      markup`<h4>Body: ${typeOf(body)}</h4>
        ${named && schemaTable(named)}`
    }
    ${answersOf(operation, described)} ${exampleOf(id, operation, described)}
  </section> `;
}

function errorSection(): Html {
  const rows = CODES.toSorted((a, b) => statusOfCode(a) - statusOfCode(b)).map((code) => {
    const { meaning, remedy } = CATALOGUE[code];
    const members = memberNamesOf(code);
    return markup`<tr id="error-${code}">
      <td><code>${code}</code></td>
      <td>${statusOfCode(code)}</td>
      <td>
        ${prose(meaning)}${members.length > 0 && markup` <span class="quiet">Members: ${members.join(", ")}</span>`}
      </td>
      <td>${prose(remedy)}</td>
    </tr> `;
  });
  return markup`<h2 id="errors">Errors</h2>
    <p>
      ${prose("Problem details (RFC 9457), `application/problem+json`. Match on `code`: codes are stable, `detail` and messages are for people.")}
    </p>
    <table>
      <tr>
        <th>code</th>
        <th>status</th>
        <th>meaning</th>
        <th>remedy</th>
      </tr>
      ${rows}
    </table>`;
}

/** The reference page: one document without scripts, made of the description. */
export function createPage(document: OpenApi): string {
  const nouns = document.tags.map(({ name, description }) => {
    const routes = ROUTES.filter(([, { noun }]) => noun === name);
    return markup`<h2>${name}</h2>
      <p>${prose(description)}</p>
      ${routes.map(([id, operation]) => routeSection(id, operation, document))}`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      markup`<h3 id="schema-${name}">${name}</h3>
        ${schema.description !== undefined && markup`<p>${prose(schema.description)}</p>`} ${schemaTable(schema)} `,
  );
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>On Record: the API</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        ${navigation(document)}
        <main id="top">
          <h1>On Record: the API</h1>
          <p>
            An event-sourced ledger of public statements. The same for programs:
            <a href="/openapi.json">openapi.json</a>.
          </p>
          <h2 id="general">In general</h2>
          ${GENERAL.map((text) => markup`<p>${prose(text)}</p>`)} ${nouns} ${errorSection()}
          <h2 id="schemas">Schemas</h2>
          <p>
            Those of requests end in <code>Input</code>, <code>Profile</code> or <code>Query</code>; the others are of
            answers. All are closed.
          </p>
          ${schemas}
        </main>
      </body>
    </html> `;
  return page.text;
}
