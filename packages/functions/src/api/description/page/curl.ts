import type { Example, Operation } from "../operation.ts";
import { filledPath } from "../paths.ts";

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** An example as a line for a POSIX shell, with `$URL` and `$TOKEN`. */
export function curlOf({ method, path, scope }: Operation, example: Example): string {
  const { params = {}, query = {}, headers = {}, body } = example;
  const filled = filledPath(path, params);
  const asked = new URLSearchParams(query).toString();
  const options = [
    ...(method === "GET" ? [] : [`-X ${method}`]),
    `"$URL${filled}${asked && `?${asked}`}"`,
    ...(scope === null ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`]),
  ];
  return `curl -sS ${options.join(" \\\n  ")}`;
}
