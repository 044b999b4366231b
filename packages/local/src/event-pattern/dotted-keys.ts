import { isRecord } from "./leaf.ts";

/**
 * EventBridge compares paths joined by dots, so `{"a.b": 1}` and `{"a": {"b": 1}}` are the same event to a pattern.
 * Returns the nested form; the event itself, uncopied, when no key has a dot (the usual case).
 */
export function expandDottedKeys(value: unknown): unknown {
  return hasDottedKey(value) ? expand(value) : value;
}

function hasDottedKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasDottedKey);
  return isRecord(value) && Object.entries(value).some(([key, field]) => key.includes(".") || hasDottedKey(field));
}

function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (!isRecord(value)) return value;
  let result: Readonly<Record<string, unknown>> = {};
  for (const [key, field] of Object.entries(value)) {
    const nested = key.split(".").reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), expand(field));
    if (isRecord(nested)) result = merge(result, nested);
  }
  return result;
}

function merge(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { ...a };
  for (const [key, field] of Object.entries(b)) {
    const earlier = Object.hasOwn(result, key) ? result[key] : undefined;
    if (earlier === undefined) result[key] = field;
    else if (isRecord(earlier) && isRecord(field)) result[key] = merge(earlier, field);
    // Two values under one path: either may match, which is what an array means to a pattern.
    else result[key] = [earlier, field];
  }
  return result;
}
