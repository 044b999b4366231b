import type { ViewRow } from "../log/ports.ts";

/** A row's body in the form that its projection wrote. Views are ours alone and made anew when the form changes. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the form
export function bodyOf<T extends object>({ body }: ViewRow): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody but the projection writes these rows
  return body as T;
}

/** A body as it is once it was written and read. Throws on a text that holds no object: another hand wrote it. */
export function parsedBody(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("a row's body is a JSON object");
  return value;
}
