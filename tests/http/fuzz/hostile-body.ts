import type { Random } from "../../helpers/load-random.ts";
import type { Sent } from "./pools.ts";
import { bytesOf, withHeader } from "./requests.ts";

/** Something done to a request; `null` where it does not apply. */
export type Twist = (sent: Sent, random: Random) => Partial<Sent> | null;

/** Alters a body's text as it is written. */
function rewriting(rewrite: (text: string, random: Random) => string): Twist {
  return ({ body }, random) =>
    body === undefined ? null : { body: bytesOf(rewrite(Buffer.from(body).toString(), random)) };
}

/** Alters a body's bytes. */
function rewritingBytes(rewrite: (bytes: Buffer) => Buffer): Twist {
  return ({ body }) => (body === undefined ? null : { body: new Uint8Array(rewrite(Buffer.from(body))) });
}

/** Writes something in the place of one JSON value, picked at random: strings and numbers alike. */
function inPlace(pick: (random: Random) => string): Twist {
  return rewriting((text, random) => {
    const places = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g)];
    if (places.length === 0) return pick(random);
    const { index, 0: found } = random.pick(places);
    return `${text.slice(0, index)}:${pick(random)}${text.slice(index + found.length)}`;
  });
}

/** Writes something into one of the strings. */
function inString(pick: (random: Random) => string): Twist {
  return rewriting((text, random) => {
    const places = [...text.matchAll(/:"/g)];
    if (places.length === 0) return `"${pick(random)}"`;
    const at = random.pick(places).index + 2;
    return text.slice(0, at) + pick(random) + text.slice(at);
  });
}

function withMember(pick: (random: Random) => string): Twist {
  return rewriting((text, random) => text.replace("{", `{${pick(random)}${/^\{\s*\}$/.test(text) ? "" : ","}`));
}

const NUMBERS = ["1e400", "-1e400", "9223372036854775808", "-0", "0.1e-400", "1E+2", "1.0", "18446744073709551616.5"];
const NO_NUMBERS = ["NaN", "Infinity", "0x10", "01", "+1", ".5", "1_000", "1n", "undefined"];
const EDGES = [
  "1000-01-01T00:00+23:59",
  "9998-12-31",
  "2016-12-31T23:59:60Z",
  "2011-12-30",
  "+23:59",
  "Pacific/Apia",
  "x",
];
const HALVES = [String.raw`\ud800`, String.raw`\udfff`, String.raw`\ud83d`, String.raw`\udc00\ud800`];
const ODD_SIGNS = ["‮", "‏", "⁦", "﻿", "\u2028", "\u0085", "﷽", "ﬀ", "ı", "é̵̡̢̛", "\u{10FFFF}", "\u{E0001}"];
const CONTROLS = [
  String.raw`\u0000`,
  String.raw`\u0001`,
  String.raw`\u001b[31m`,
  String.raw`\ufffe`,
  "\t",
  "\n",
  "\u007f",
];
const REACHING = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "toJSON", ""];
const INJECTING = [
  "' OR 1=1 --",
  "<script>alert(1)</script>",
  "${7*7}",
  "{{7*7}}",
  "../../etc/passwd",
  "#",
  "%00",
  "$where",
];

/** A NUL written with more bytes than it takes. */
const OVERLONG = Buffer.from([0xc0, 0x80]);

/** After any of these a body is refused; a batch, which is looked at item by item, is not always. */
export const REFUSED: ReadonlySet<string> = new Set([
  "a key twice",
  "nesting without end",
  "no number",
  "half a surrogate pair",
  "half a pair in a key",
  "a key that reaches far",
  "many keys",
  "JSON that breaks off",
  "something behind the JSON",
  "nothing but space",
  "more than the limit",
  "bytes that are not UTF-8",
  "a surrogate in UTF-8",
  "UTF-16",
  "no type",
]);

/** What is done to bodies. */
export const BODY_TWISTS: Readonly<Record<string, Twist>> = {
  "a key twice": rewriting((text, random) => {
    const key = random.pick([...text.matchAll(/"(\w+)":/g), ["", "x"]])[1] ?? "";
    return text.replace(
      "{",
      `{"${random.chance(0.5) ? key : key.replace(/^./, (c) => String.raw`\u00` + c.charCodeAt(0).toString(16))}":1,`,
    );
  }),
  "deep nesting": inPlace((random) => {
    const depth = random.pick([29, 31, 32, 33, 1_000, 50_000]);
    return random.chance(0.5) ? "[".repeat(depth) + "]".repeat(depth) : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  }),
  "nesting without end": rewriting((_, random) => random.pick(["[", '{"a":', '[{"a":']).repeat(50_000)),
  "an odd number": inPlace((random) => random.pick(NUMBERS)),
  "an edge": inPlace((random) => JSON.stringify(random.pick(EDGES))),
  "no number": inPlace((random) => random.pick(NO_NUMBERS)),
  "a number of many digits": inPlace((random) => `${random.chance(0.5) ? "1" : "0."}${"7".repeat(50_000)}`),
  "half a surrogate pair": inString((random) => random.pick(HALVES)),
  "half a pair in a key": withMember((random) => `"${random.pick(HALVES)}":1`),
  "odd signs": inString((random) => random.pick(ODD_SIGNS)),
  "control characters": inString((random) => random.pick(CONTROLS)),
  "what others would run": inString((random) => random.pick(INJECTING)),
  "a long string": inString((random) => random.pick(["x", "é", "🙅", " "]).repeat(random.pick([65, 5_001, 100_000]))),
  "a key that reaches far": withMember((random) => `"${random.pick(REACHING)}":{"polluted":true}`),
  "a key that reaches far, inside": inPlace((random) => `{"${random.pick(REACHING)}":{"polluted":true}}`),
  "many keys": withMember(() => Array.from({ length: 5_000 }, (_, n) => `"k${n}":${n}`).join(",")),
  "many items": inPlace(() => `[${'"a",'.repeat(20_000)}"a"]`),
  "JSON that breaks off": rewriting((text, random) => text.slice(0, random.below(text.length))),
  "something behind the JSON": rewriting((text, random) => text + random.pick(["}", "{}", ",", "\0", "//", " x"])),
  "nothing but space": rewriting((_, random) => random.pick(["", " ", "\n\t", "\uFEFF"])),
  "a byte order mark": rewriting((text) => `\uFEFF${text}`),
  "another root": rewriting((_, random) => random.pick(["null", "0", '""', "[]", "[[]]", "true", "{}", "[null]"])),
  "comments, single quotes": rewriting((text, random) =>
    random.chance(0.5) ? text.replaceAll('"', "'") : `/* */${text}`,
  ),
  "more than the limit": rewriting((text, random) => text + " ".repeat(random.chance(0.1) ? 4_194_304 : 262_144)),
  "bytes that are not UTF-8": rewritingBytes((bytes) =>
    Buffer.concat([bytes.subarray(0, 1), OVERLONG, bytes.subarray(1)]),
  ),
  "a surrogate in UTF-8": rewritingBytes((bytes) => {
    const at = bytes.indexOf(':"') + 2;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(at)]);
  }),
  "UTF-16": rewritingBytes((bytes) => Buffer.from(`\uFEFF${bytes.toString()}`, "utf16le")),
  "a body said to be compressed": (sent, random) => {
    const coding = random.pick(["gzip", "br", "deflate", "identity", "gzip, br", "x-unknown"]);
    return sent.body === undefined ? null : { headers: withHeader(sent.headers, "content-encoding", coding) };
  },
  "another type": (sent, random) => {
    const type = random.pick([
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/json; charset=utf-16",
      'application/json; charset="UTF-8"',
      "application/json;charset=utf-8;charset=latin1",
      "application/json, text/plain",
      "APPLICATION/JSON",
      "application/problem+json",
      "application/jsonp",
      "*/*",
      "",
      "json".repeat(5_000),
    ]);
    return sent.body === undefined ? null : { headers: withHeader(sent.headers, "content-type", type) };
  },
  "no type": (sent) => (sent.body === undefined ? null : { headers: withHeader(sent.headers, "content-type") }),
  "a body where none belongs": (sent) => (sent.body === undefined ? { body: bytesOf('{"a":1}') } : null),
};
