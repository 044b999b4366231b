import { InvalidPatternError } from "./errors.ts";

type NumberTest = (value: number) => boolean;

const COMPARE: Readonly<Record<string, (limit: number) => NumberTest>> = {
  "=": (limit) => (value) => value === limit,
  "<": (limit) => (value) => value < limit,
  "<=": (limit) => (value) => value <= limit,
  ">": (limit) => (value) => value > limit,
  ">=": (limit) => (value) => value >= limit,
};

/** Compiles `numeric`: one comparison, or a lower bound followed by an upper one. */
export function compileNumeric(terms: unknown): NumberTest {
  if (!Array.isArray(terms)) throw new InvalidPatternError("Value of numeric must be an array.");
  const list: readonly unknown[] = terms;
  const [operator, limit, upperOperator, upperLimit] = list;
  const lower = comparison(operator, limit);
  if (list.length === 2) return lower.test;
  if (operator !== ">" && operator !== ">=") throw new InvalidPatternError("Too many elements in numeric expression");
  if (upperOperator !== "<" && upperOperator !== "<=")
    throw new InvalidPatternError(`Bad numeric range operator: ${String(upperOperator)}`);
  const upper = comparison(upperOperator, upperLimit);
  if (list.length > 4) throw new InvalidPatternError("Too many terms in numeric range expression");
  if (lower.limit >= upper.limit) throw new InvalidPatternError("Bottom must be less than top");
  return (value) => lower.test(value) && upper.test(value);
}

function comparison(operator: unknown, limit: unknown): { limit: number; test: NumberTest } {
  const compare = typeof operator === "string" ? COMPARE[operator] : undefined;
  if (compare === undefined) throw new InvalidPatternError(`Unrecognized numeric range operator: ${String(operator)}`);
  if (typeof limit !== "number") throw new InvalidPatternError(`Value of ${String(operator)} must be numeric`);
  if (!Number.isFinite(limit)) throw new InvalidPatternError(`Cannot compare number : ${limit}`);
  return { limit, test: compare(limit) };
}
