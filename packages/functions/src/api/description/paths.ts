/** A part of a path, as Hono writes it, that a value stands for; `{.+}` behind its name: one that may hold slashes. */
const PART = /\/:(\w+)(\{\.\+\})?/g;

/** The parts of a path that values stand for. */
export function partsOf(path: string): { name: string; isDeep: boolean }[] {
  return [...path.matchAll(PART)].map(([, name = "", deep]) => ({ name, isDeep: deep !== undefined }));
}

/** A path as OpenAPI writes it. */
export function openApiPath(path: string): string {
  return path.replaceAll(PART, "/{$1}");
}

/** A path with its values. */
export function filledPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(PART, (_, name: string, deep?: string) => {
    const value = encodeURIComponent(params[name] ?? "");
    return `/${deep === undefined ? value : value.replaceAll("%2F", "/")}`;
  });
}
