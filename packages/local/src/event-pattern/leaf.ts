import { compileCidr } from "./cidr.ts";
import { InvalidPatternError } from "./errors.ts";
import { compileNumeric } from "./numeric.ts";
import { compileWildcard } from "./wildcard.ts";

/** A value at the end of a path: what is neither an object nor an array. */
export type Scalar = string | number | boolean | null;
type ScalarTest = (value: Scalar) => boolean;

/** The alternatives of one field: it matches if any value passes any test, or if it may be absent and is. */
export interface Leaf {
  readonly tests: readonly ScalarTest[];
  readonly absent: boolean;
}

/** The words that make an object a match expression instead of a nested pattern. */
export const MATCH_WORDS: ReadonlySet<string> = new Set([
  "exactly",
  "prefix",
  "suffix",
  "equals-ignore-case",
  "anything-but",
  "numeric",
  "cidr",
  "exists",
  "wildcard",
]);

export function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Compiles the array that ends a path of a pattern. */
export function compileLeaf(alternatives: readonly unknown[]): Leaf {
  if (alternatives.length === 0) throw new InvalidPatternError("Empty arrays are not allowed");
  const tests: ScalarTest[] = [];
  let absent = false;
  for (const alternative of alternatives) {
    if (isRecord(alternative) && Object.hasOwn(alternative, "exists")) {
      if (compileExists(alternative)) tests.push(() => true);
      else absent = true;
    } else {
      tests.push(compileAlternative(alternative));
    }
  }
  return { tests, absent };
}

function compileExists(expression: Readonly<Record<string, unknown>>): boolean {
  const { argument } = onlyEntry(expression);
  if (typeof argument !== "boolean")
    throw new InvalidPatternError("exists match pattern must be either true or false.");
  return argument;
}

function compileAlternative(alternative: unknown): ScalarTest {
  if (isScalar(alternative)) return (value) => value === alternative;
  if (!isRecord(alternative)) throw new InvalidPatternError("Match value must be String, number, true, false, or null");
  const { word, argument } = onlyEntry(alternative);
  switch (word) {
    case "exactly": {
      const wanted = text(word, argument);
      return (value) => value === wanted;
    }
    case "prefix":
    case "suffix":
      return onText(compileAffix(word, argument));
    case "equals-ignore-case":
      return onText(equalsIgnoreCase(text(word, argument)));
    case "wildcard":
      return onText(compileWildcard(text(word, argument)));
    case "cidr":
      return onText(compileCidr(text(word, argument)));
    case "numeric": {
      const test = compileNumeric(argument);
      return (value) => typeof value === "number" && test(value);
    }
    case "anything-but":
      return compileAnythingBut(argument);
    default:
      throw new InvalidPatternError(`Unrecognized match type ${word}`);
  }
}

function compileAnythingBut(argument: unknown): ScalarTest {
  if (isRecord(argument)) {
    const { word, argument: inner } = onlyEntry(argument);
    const refused = list(inner).map((item) => refusal(word, item));
    return (value) => typeof value !== "string" || !refused.some((test) => test(value));
  }
  const values = list(argument);
  const types = new Set(values.map((value) => typeof value));
  if (types.size > 1)
    throw new InvalidPatternError(
      "Inside anything but list, either all values are number or string, mixed type is not supported",
    );
  if (!types.has("string") && !types.has("number")) {
    throw new InvalidPatternError("Value of anything-but must be an array or single string/number value.");
  }
  const refused = new Set(values);
  return (value) => !refused.has(value);
}

function refusal(word: string, argument: unknown): (value: string) => boolean {
  switch (word) {
    case "prefix":
    case "suffix":
      if (argument === "") throw new InvalidPatternError("Null prefix/suffix not allowed");
      // Alone they also take { "equals-ignore-case": … }; AWS refuses that here.
      return compileAffix(word, text(word, argument));
    case "equals-ignore-case":
      return equalsIgnoreCase(text(word, argument));
    case "wildcard":
      return compileWildcard(text(word, argument));
    default:
      throw new InvalidPatternError(`Unsupported anything-but pattern: ${word}`);
  }
}

function compileAffix(word: "prefix" | "suffix", argument: unknown): (value: string) => boolean {
  if (isRecord(argument)) {
    const inner = onlyEntry(argument);
    if (inner.word !== "equals-ignore-case")
      throw new InvalidPatternError(`Unsupported ${word} pattern: ${inner.word}`);
    const wanted = foldCase(text(inner.word, inner.argument));
    return word === "prefix"
      ? (value) => foldCase(value).startsWith(wanted)
      : (value) => foldCase(value).endsWith(wanted);
  }
  const wanted = text(word, argument);
  return word === "prefix" ? (value) => value.startsWith(wanted) : (value) => value.endsWith(wanted);
}

function equalsIgnoreCase(wanted: string): (value: string) => boolean {
  const folded = foldCase(wanted);
  return (value) => foldCase(value) === folded;
}

function foldCase(value: string): string {
  return value.toLowerCase();
}

function onText(test: (value: string) => boolean): ScalarTest {
  return (value) => typeof value === "string" && test(value);
}

function text(word: string, argument: unknown): string {
  if (typeof argument !== "string") throw new InvalidPatternError(`${word} match pattern must be a string`);
  return argument;
}

function list(argument: unknown): readonly unknown[] {
  if (!Array.isArray(argument)) return [argument];
  if (argument.length === 0) throw new InvalidPatternError("Empty arrays are not allowed");
  return argument;
}

function onlyEntry(expression: Readonly<Record<string, unknown>>): { word: string; argument: unknown } {
  const [entry, ...more] = Object.entries(expression);
  if (entry === undefined || more.length > 0) throw new InvalidPatternError("Only one key allowed in match expression");
  return { word: entry[0], argument: entry[1] };
}
