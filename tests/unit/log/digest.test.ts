import { base32, canonicalJson, keyedHash, saltedDigest, sameSecret } from "@on-record/core/log/digest";
import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("canonical JSON", () => {
  it("orders keys by UTF-16 units and writes numbers and strings as RFC 8785 does", () => {
    const example = {
      numbers: [1 / 3, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonicalJson(example)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[0.3333333333333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
    expect(canonicalJson({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    );
  });

  it("says the same for the same value in another order of keys, and leaves undefined keys out", () => {
    expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe(canonicalJson({ a: { c: 3, d: 2 }, b: 1, e: undefined }));
  });

  it("is JSON that reads back as the value", () => {
    const value = fc
      .jsonValue({ noUnicodeString: false })
      .filter((v) => JSON.stringify(v).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(v)));
    fc.assert(
      fc.property(value, (v) => {
        const text = canonicalJson(v);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(v)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("says what another implementation of the RFC says", () => {
    const strings = fc.string({ unit: "binary" });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        strings,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("value")),
      object: fc.dictionary(fc.oneof(strings, fc.nat().map(String)), fc.oneof(tie("value"), fc.constant(undefined))),
    }));
    fc.assert(
      fc.property(value, (v) => {
        expect(canonicalJson(v)).toBe(canonicalize(v));
      }),
    );
  });

  it.each([undefined, () => 1, Symbol("x"), 1n, new Date(0), { a: () => 1 }])(
    "refuses what has no JSON form: %s",
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "\ud800", { a: "\udc00" }])(
    "refuses what JSON cannot carry: %j",
    (value) => {
      expect(() => canonicalJson(value)).toThrow("not allowed");
    },
  );
});

describe("a salted digest", () => {
  it("is SHA-256 over salt and text: known vectors of NIST", () => {
    const known = (bytes: string) => Buffer.from(bytes, "hex").toString("base64url");
    // sha256("") and sha256("abc") of FIPS 180-4 check the function that the last line relies on.
    expect(createHash("sha256").update("").digest("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(createHash("sha256").update("abc").digest("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    // printf '{}' | sha256sum; printf '0' | sha256sum
    expect(saltedDigest("", {})).toBe(known("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    expect(saltedDigest("", 0)).toBe(known("5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"));
    // The salt "{" before the data "0": sha256 of the two bytes 7b 30.
    expect(saltedDigest(Buffer.from("{").toString("base64url"), 0)).toBe(
      createHash("sha256").update("{0").digest("base64url"),
    );
  });

  it("has 43 characters, and differs with the salt and with the data", () => {
    const digests = [saltedDigest("AAAA", { a: 1 }), saltedDigest("AAAB", { a: 1 }), saltedDigest("AAAA", { a: 2 })];
    expect(new Set(digests).size).toBe(3);
    for (const digest of digests) expect(digest).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("a keyed hash", () => {
  const key = new Uint8Array(32).fill(7);

  it("meets for equal values, and differs with key, purpose and value", () => {
    const hex = (k: Uint8Array, purpose: string, value: unknown) => keyedHash(k, purpose, value).toString("hex");
    expect(hex(key, "a", { x: 1, y: 2 })).toBe(hex(key, "a", { y: 2, x: 1 }));
    const all = [
      hex(key, "a", 1),
      hex(key, "b", 1),
      hex(key, "a", 2),
      hex(new Uint8Array(32).fill(8), "a", 1),
      hex(key, "a", "1"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("base32", () => {
  it.each([
    ["", ""],
    ["f", "my"],
    ["fo", "mzxq"],
    ["foo", "mzxw6"],
    ["foob", "mzxw6yq"],
    ["fooba", "mzxw6ytb"],
    ["foobar", "mzxw6ytboi"],
  ])("of %j is %j, as in RFC 4648, section 10", (text, expected) => {
    expect(base32(Buffer.from(text), expected.length)).toBe(expected);
    expect(base32(Buffer.from(text), 100)).toBe(expected);
  });

  it("gives the first characters of a longer text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(70), (bytes, chars) => {
        expect(base32(bytes, chars)).toBe(base32(bytes, 1000).slice(0, chars));
      }),
    );
  });

  it("agrees with a big number written in base 32", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
        const number = Number.parseInt(Buffer.from(bytes).toString("hex"), 16);
        const digits = Array.from(
          number.toString(32).padStart(8, "0"),
          (d) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(d, 32)],
        );
        expect(base32(bytes, 8)).toBe(digits.join(""));
      }),
    );
  });

  it("fills a statement's id from 16 bytes and a report's from 10", () => {
    expect(base32(new Uint8Array(16).fill(255), 26)).toMatch(/^[a-z2-7]{26}$/);
    expect(base32(new Uint8Array(10).fill(255), 16)).toBe("7777777777777777");
  });
});

it("secrets are the same only when they are equal, whatever their lengths", () => {
  expect([
    sameSecret("a", "a"),
    sameSecret("", ""),
    sameSecret("a", "b"),
    sameSecret("a", "aa"),
    sameSecret("a", "A"),
  ]).toEqual([true, true, false, false, false]);
});
