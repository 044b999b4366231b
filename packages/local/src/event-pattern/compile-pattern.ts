/**
 * EventBridge's event-pattern language, also used by Lambda's event filters.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
import { expandDottedKeys } from "./dotted-keys.ts";
import { InvalidPatternError } from "./errors.ts";
import { compileLeaf, isRecord, isScalar, MATCH_WORDS, type Leaf } from "./leaf.ts";

/** Whether an event matches a pattern. Never throws. */
export type Matcher = (event: unknown) => boolean;

/** One way to satisfy the pattern: what each path must hold. A dot inside a field name is the same as nesting. */
type Way = ReadonlyMap<string, Leaf>;

/** The same as a tree, so that fields of one array element are looked at together. */
interface Node {
  leaf?: Leaf;
  readonly children: Map<string, Node>;
  /** Everything below asks only for fields to be absent. */
  onlyAbsence: boolean;
}

/** EventBridge's own limit on what `$or` may multiply out to. */
const MAX_WAYS = 1000;

/**
 * Compiles a pattern.
 * @throws InvalidPatternError (code `invalid_pattern`) for one that EventBridge would refuse.
 */
export function compilePattern(pattern: unknown): Matcher {
  if (!isRecord(pattern)) throw new InvalidPatternError("Filter is not an object");
  const roots = waysOf(pattern, "").map(toTree);
  return (event) => {
    const expanded = expandDottedKeys(event);
    return roots.some((root) => matchNode(root, expanded));
  };
}

function waysOf(pattern: Readonly<Record<string, unknown>>, prefix: string): Way[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new InvalidPatternError("Empty objects are not allowed");
  let ways: Way[] = [new Map()];
  for (const [key, value] of entries) {
    const path = prefix + key;
    if (key === "$or")
      ways = combine(
        ways,
        choices(value).flatMap((branch) => waysOf(branch, prefix)),
      );
    else if (Array.isArray(value)) ways = combine(ways, [new Map([[path, compileLeaf(value)]])]);
    else if (isRecord(value)) ways = combine(ways, waysOf(value, `${path}.`));
    else throw new InvalidPatternError(`"${key}" must be an object or an array`);
  }
  return ways;
}

/** A path named twice is held to what was said last, as in AWS's engine: a branch of `$or` overrides its surroundings. */
function combine(left: readonly Way[], right: readonly Way[]): Way[] {
  if (left.length * right.length > MAX_WAYS)
    throw new InvalidPatternError(`$or multiplies out to more than ${MAX_WAYS} rules`);
  return left.flatMap((a) => right.map((b) => new Map([...a, ...b])));
}

function choices(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) throw new InvalidPatternError("It must be an Array followed with $or.");
  const branches: readonly unknown[] = value;
  if (branches.length < 2) throw new InvalidPatternError("There must have at least 2 Objects in $or relationship.");
  return branches.map((branch) => {
    if (!isRecord(branch)) throw new InvalidPatternError("Only JSON object is allowed in array of $or relationship.");
    const word = Object.keys(branch).find((key) => MATCH_WORDS.has(key));
    if (word !== undefined)
      throw new InvalidPatternError(`${word} is reserved and cannot be used as a field inside $or.`);
    return branch;
  });
}

function toTree(way: Way): Node {
  const root = newNode();
  for (const [path, leaf] of way) {
    let node = root;
    for (const segment of path.split(".")) {
      node.onlyAbsence &&= leaf.tests.length === 0;
      const child = node.children.get(segment) ?? newNode();
      node.children.set(segment, child);
      node = child;
    }
    node.leaf = leaf;
  }
  return root;
}

function newNode(): Node {
  return { children: new Map(), onlyAbsence: true };
}

/**
 * An array of objects matches if one of its elements matches as a whole: fields of different elements are never
 * combined. Where nothing but absence is asked for, no element may hold the field.
 */
function matchNode(node: Node, value: unknown): boolean {
  if (node.leaf !== undefined && !matchLeaf(node.leaf, value)) return false;
  if (!Array.isArray(value)) return matchChildren(node, value);
  const elements = flatten(value);
  if (node.onlyAbsence) return elements.every((element) => matchChildren(node, element));
  return elements.length === 0
    ? matchChildren(node, undefined)
    : elements.some((element) => matchChildren(node, element));
}

function matchChildren(node: Node, value: unknown): boolean {
  const object = isRecord(value) ? value : {};
  for (const [key, child] of node.children) {
    if (!matchNode(child, Object.hasOwn(object, key) ? object[key] : undefined)) return false;
  }
  return true;
}

/** Only values at the end of the path count: an object there, or an empty array, is as good as absent. */
function matchLeaf(leaf: Leaf, value: unknown): boolean {
  const values = (Array.isArray(value) ? flatten(value) : [value]).filter(isScalar);
  if (values.length === 0) return leaf.absent;
  return values.some((scalar) => leaf.tests.some((test) => test(scalar)));
}

function flatten(value: readonly unknown[]): unknown[] {
  return value.flat(Number.POSITIVE_INFINITY);
}
