import type { Expected } from "@on-record/core/commands/precondition";
import { fieldError } from "@on-record/core/errors";

/** One entity tag of a list, with what parts it from the next. RFC 9110, 8.8.3; tags here are ASCII. */
const TAG = /[ \t]*((?:W\/)?"[\x21\x23-\x7e]*")[ \t]*(,|$)/y;
const OF_VERSION = /^"([1-9]\d{0,5})"$/;

/** A stream's version as an entity tag: strong, as an event changes everything that is shown of it. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * What a request does: make something new under a name that the ledger chooses, change what is there, or put something
 * under the caller's own name. Each knows its own preconditions; one that would be ignored is refused.
 */
export type Act = "create" | "change" | "put";

/** What the caller says it knows of the resource. Throws `invalid_request` for what the act cannot keep. */
export function expectedOf({ headers }: Request, act: Act): Expected | undefined {
  const match = headers.get("if-match");
  const noneMatch = headers.get("if-none-match");
  if (match !== null && act === "create") throw refused("If-Match", "does not apply where something new is recorded");
  if (noneMatch !== null) {
    if (act !== "put") throw refused("If-None-Match", "applies to GET and PUT");
    if (match !== null) throw refused("If-None-Match", "cannot hold together with If-Match");
    if (noneMatch.trim() !== "*") throw refused("If-None-Match", "is * on a PUT: create, and replace nothing");
    return "none";
  }
  return match === null ? undefined : versionsIn(match);
}

/** What a GET's If-Match asks for; most have none. */
export function expectedOfGet({ headers }: Request): Expected | undefined {
  const match = headers.get("if-match");
  return match === null ? undefined : versionsIn(match);
}

/** Whether the caller holds this version already. Compared weakly, as proxies may have weakened the tag. */
export function isKnown({ headers }: Request, version: number): boolean {
  const noneMatch = headers.get("if-none-match");
  if (noneMatch === null) return false;
  if (noneMatch.trim() === "*") return true;
  return tagsIn("If-None-Match", noneMatch).some((tag) => tag.replace(/^W\//, "") === etagOf(version));
}

/** A tag that no version has is well formed and never met: it stays out of the list. */
function versionsIn(match: string): Expected {
  if (match.trim() === "*") return "any";
  const tags = tagsIn("If-Match", match);
  if (tags.some((tag) => tag.startsWith("W/"))) throw refused("If-Match", "takes strong entity tags only");
  return tags.flatMap((tag) => {
    const version = OF_VERSION.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

function tagsIn(header: string, text: string): string[] {
  const tags: string[] = [];
  TAG.lastIndex = 0;
  for (let more = true; more;) {
    const [, tag, comma] = TAG.exec(text) ?? [];
    if (tag === undefined) throw refused(header, 'must be * or entity tags, such as "3"');
    tags.push(tag);
    more = comma === ",";
  }
  return tags;
}

function refused(header: string, message: string) {
  return fieldError("invalid_request", header, `${header} ${message}`);
}
