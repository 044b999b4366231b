import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { NoteError } from "@on-record/core/log/tree/errors";
import { emptyRoot, leafHash } from "@on-record/core/log/tree/hash";
import {
  formatSignerKey,
  formatVerifierKey,
  parseSignerKey,
  parseVerifierKey,
  signerOf,
  verifierOf,
} from "@on-record/core/log/tree/keys";
import { openNote, signNote } from "@on-record/core/log/tree/note";
import { utf8 } from "@on-record/core/log/tree/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { altered } from "../../../helpers/naive-tree.ts";

/** The published example of Go's note package (golang.org/x/mod/sumdb/note): a signer's test key, and what it signed. */
const PETER_SIGNS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETERS_LINE =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
/** Its second key there is made of 32 zero bytes. */
const ENOCHS_LINE =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const ENOCH = signerOf("EnochRoot", new Uint8Array(32));

const NAME = "ledger.example/log";
const [OLD, NEW, OTHER] = [1, 2, 3].map((byte) => signerOf(NAME, new Uint8Array(32).fill(byte)));
if (!OLD || !NEW || !OTHER) throw new Error("no keys");
const known = (...signers: { name: string; publicKey: Uint8Array }[]) =>
  signers.map(({ name, publicKey }) => verifierOf(name, publicKey));

describe("a key", () => {
  it("of Go's note package is read, and written again to the letter", () => {
    const signer = parseSignerKey(PETER_SIGNS);
    expect(signer).toMatchObject({ name: "PeterNeumann", id: "c74f20a3" });
    expect(formatVerifierKey(signer)).toBe(PETER);
    expect(formatVerifierKey(parseVerifierKey(PETER))).toBe(PETER);
    const seed = new Uint8Array(32).fill(5);
    expect(formatVerifierKey(parseSignerKey(formatSignerKey("a", seed)))).toBe(formatVerifierKey(signerOf("a", seed)));
  });

  it("of the example in C2SP signed-note is read", () => {
    expect(parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")).toMatchObject({
      name: "example.com/foo",
      id: "530d903a",
    });
  });

  it("is refused with any byte altered, and in any part", () => {
    for (const [parse, key] of [
      [parseVerifierKey, PETER],
      [parseSignerKey, PETER_SIGNS],
    ] as const) {
      for (let at = 0; at < key.length; at += 1) {
        const wrong = Buffer.from(altered(utf8(key), at)).toString("latin1");
        expect(() => parse(wrong)).toThrow(NoteError);
        expect(() => parse(key.slice(0, at))).toThrow(NoteError);
        if (at > 0) expect(() => parse(key.slice(at))).toThrow(NoteError);
      }
    }
  });

  it.each([
    ["PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", "base64"],
    ["PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "not for Ed25519 notes"],
    ["PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "eight hexadecimal digits"],
    ["PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "does not have the id c74f20a4"],
    ["PeterNeumann+c74f20a3+ARpc", "has 2 bytes, not 32"],
    ["Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "no space, no plus"],
  ])("%s is refused", (key, message) => {
    expect(() => parseVerifierKey(key)).toThrow(message);
  });

  it("has a name without spaces, pluses and controls, and 32 bytes", () => {
    for (const name of ["", "a b", "a\u3000b", "a\u0085b", "a+b", "a\nb", "a\0b", "\ud800"]) {
      expect(() => signerOf(name, new Uint8Array(32))).toThrow("the name of a key");
    }
    expect(() => signerOf("a", new Uint8Array(31))).toThrow("a signer's seed has 31 bytes");
    expect(() => verifierOf("a", new Uint8Array(33))).toThrow("a public key has 33 bytes");
  });

  it("that is a secret shows in no message and no log line", () => {
    const secret = PETER_SIGNS.slice(-44);
    const shown: unknown[] = [JSON.stringify(parseSignerKey(PETER_SIGNS))];
    for (let at = 0; at < PETER_SIGNS.length - 8; at += 1) {
      try {
        parseSignerKey(PETER_SIGNS.slice(0, at) + PETER_SIGNS.slice(at + 1));
      } catch (error) {
        shown.push(String(error));
      }
    }
    expect(shown.length).toBeGreaterThan(60);
    for (const text of shown) expect(text).not.toContain(secret.slice(0, 12));
  });
});

describe("a note", () => {
  it("of Go's note package is signed as there, by one key and by two", () => {
    const peter = parseSignerKey(PETER_SIGNS);
    expect(signNote(TEXT, [peter])).toBe(`${TEXT}\n${PETERS_LINE}`);
    expect(signNote(TEXT, [peter, ENOCH])).toBe(`${TEXT}\n${PETERS_LINE}${ENOCHS_LINE}`);
  });

  it("of Go's note package and of C2SP signed-note are opened", () => {
    const peter = { name: "PeterNeumann", id: "c74f20a3" };
    const enoch = { name: "EnochRoot", id: "af0cfe78" };
    const note = `${TEXT}\n${PETERS_LINE}${ENOCHS_LINE}`;
    expect(openNote(note, [parseVerifierKey(PETER)])).toEqual({ text: TEXT, signedBy: [peter], unknown: [enoch] });
    expect(openNote(utf8(note), [...known(ENOCH), parseVerifierKey(PETER)]).signedBy).toEqual([peter, enoch]);

    const foo = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    const example =
      "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    expect(openNote(example, [foo]).text).toBe("This is an example message.\n");
  });

  it("fails with any byte altered", () => {
    const note = utf8(`${TEXT}\n${PETERS_LINE}`);
    const verifiers = [parseVerifierKey(PETER)];
    for (let at = 0; at < note.length; at += 1) {
      for (const by of [1, 32, 128]) expect(() => openNote(altered(note, at, by), verifiers)).toThrow(NoteError);
      expect(() => openNote(note.slice(0, at), verifiers)).toThrow(NoteError);
      expect(() => openNote(new Uint8Array([...note.slice(0, at), ...note.slice(at + 1)]), verifiers)).toThrow(
        NoteError,
      );
    }
  });

  it("is not opened where bytes that are no UTF-8 stand for a character that was signed", () => {
    const note = utf8(signNote("\ufffd\n", [OLD]));
    expect(openNote(note, known(OLD)).text).toBe("\ufffd\n");
    expect(() => openNote(new Uint8Array([0xff, ...note.slice(3)]), known(OLD))).toThrow("a note is UTF-8");
  });

  it("carries any text, and gives it back", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "+", " ", "\n", "—", "\ufeff", "\u0085", "\u{1f600}") });
    fc.assert(
      fc.property(line, (line) => {
        const text = `${line}\n`;
        expect(openNote(utf8(signNote(text, [OLD])), known(OLD)).text).toBe(text);
      }),
    );
  });

  it("is opened by the old key, the new one, and both, while a key is replaced", () => {
    const note = signNote(TEXT, [OLD, NEW]);
    expect(openNote(note, known(OLD))).toMatchObject({ signedBy: [{ id: OLD.id }], unknown: [{ id: NEW.id }] });
    expect(openNote(note, known(NEW))).toMatchObject({ signedBy: [{ id: NEW.id }], unknown: [{ id: OLD.id }] });
    expect(openNote(note, known(NEW, OLD, OTHER)).signedBy).toHaveLength(2);
    expect(() => openNote(note, known(OTHER))).toThrow(`no known key signed the note, but ${NAME}+${OLD.id}`);
    expect(() => openNote(note, [])).toThrow("no known key signed the note");
  });

  it("is refused when one known key's signature is bad, however good the others are", () => {
    const [good = "", bad = ""] = [TEXT, "Another text.\n"].map((text) => signNote(text, [OLD]).split("\n\n")[1]);
    const other = signNote(TEXT, [NEW]).split("\n\n")[1] ?? "";
    expect(() => openNote(`${TEXT}\n${other}${bad}`, known(OLD, NEW))).toThrow(`${NAME}+${OLD.id} is not good`);
    expect(openNote(`${TEXT}\n${other}${bad}`, known(NEW)).unknown).toHaveLength(1);
    expect(openNote(`${TEXT}\n${good}${good}`, known(OLD)).signedBy).toHaveLength(1);
  });

  it("does not take a signature under another key's id, or another name", () => {
    const taken = signNote(TEXT, [{ ...OTHER, id: OLD.id }]);
    expect(() => openNote(taken, known(OLD))).toThrow("is not good");
    const renamed = signNote(TEXT, [{ ...OLD, name: "someone.else" }]);
    expect(() => openNote(renamed, known(OLD))).toThrow("no known key");
  });

  it("is not verified by a public key that is none, nor by a signature of another length", () => {
    // Whatever these bytes are to the curve, they are not the key that signed.
    for (const byte of [255, 2]) {
      const none = verifierOf("a", new Uint8Array(32).fill(byte));
      expect(() => openNote(signNote(TEXT, [{ ...OLD, name: "a", id: none.id }]), [none])).toThrow("is not good");
    }
    const cut = signNote(TEXT, [{ ...OLD, sign: (message) => OLD.sign(message).slice(1) }]);
    expect(() => openNote(cut, known(OLD))).toThrow("is not good");
  });

  const [, line = ""] = signNote(TEXT, [OLD]).split("\n\n");
  it.each([
    ["no signatures", TEXT, "an empty line"],
    ["nothing behind the empty line", `${TEXT}\n`, "1 to 64 signatures, not 0"],
    ["no newline at its end", `${TEXT}\n${line}`.slice(0, -1), "newline, which ends it"],
    ["a tab", `a\tb\n\n${line}`, "without controls"],
    ["half a character", `\ud800\n\n${line}`, "UTF-8"],
    ["a hyphen for the dash", `${TEXT}\n${line.replace("—", "-")}`, "signature 1 of the note is not"],
    ["a second space", `${TEXT}\n${line.replace(" ", "  ")}`, "signature 1 of the note is not"],
    ["a plus in a name", `${TEXT}\n${line}— a+b AAAAAAA=\n`, "signature 2 of the note is not"],
    ["no signature behind an id", `${TEXT}\n${line}— a AAAAAA==\n`, "signature 2 of the note is not"],
    ["base64 with bits to spare", `${TEXT}\n${line}— a AAAAAAB=\n`, "signature 2 of the note is not"],
    ["base64 without padding", `${TEXT}\n${line}— a AAAAAAA\n`, "signature 2 of the note is not"],
    ["text among the signatures", `${TEXT}\n${line}hello\n`, "signature 2 of the note is not"],
    ["too many signatures", `${TEXT}\n${line.repeat(65)}`, "1 to 64 signatures, not 65"],
    ["too many bytes", `${"x".repeat(300_000)}\n\n${line}`, "at most 262144 bytes"],
  ])("with %s is malformed", (_what, note, message) => {
    expect(() => openNote(note, known(OLD))).toThrow(message);
    expect(() => openNote(note, known(OLD))).toThrow(NoteError);
  });

  it("takes 16 signatures of 5,000 bytes beside its own, as C2SP asks", () => {
    const large = `— other.example ${Buffer.alloc(5_000, 1).toString("base64")}\n`;
    expect(openNote(`${TEXT}\n${large.repeat(15)}${line}`, known(OLD)).unknown).toHaveLength(15);
  });

  it("is not signed where it could not be read, and not by two keys of one name and id", () => {
    for (const text of ["", "no newline", "a\rb\n", "\ud800\n"]) {
      expect(() => signNote(text, [OLD])).toThrow("a note's text is Unicode");
    }
    expect(() => signNote(TEXT, [])).toThrow("1 to 64 signatures, not 0");
    expect(() => signNote(TEXT, [OLD, OLD])).toThrow("the same name and id");
    expect(() => openNote(`${TEXT}\n${line}`, known(OLD, OLD))).toThrow("the same name and id");
  });
});

describe("a checkpoint", () => {
  const checkpoint = { origin: NAME, size: 42, root: leafHash(utf8("x")), extensions: [] };
  const trust = { origin: NAME, verifiers: known(OLD) };

  it("is written as C2SP tlog-checkpoint's example and as Go's checksum database", () => {
    const example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    expect(parseCheckpoint(example)).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20_852_163 });
    expect(formatCheckpoint(parseCheckpoint(example))).toBe(example);
    const root = leafHash(utf8("hello world"));
    expect(formatCheckpoint({ origin: "go.sum database tree", size: 123_456_789_012, root, extensions: [] })).toBe(
      "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n",
    );
  });

  it("is given back by the note that it was signed as", () => {
    const note = signCheckpoint(checkpoint, [OLD, NEW]);
    const opened = openCheckpoint(utf8(note), trust);
    expect(opened).toEqual({ checkpoint, signedBy: [{ name: NAME, id: OLD.id }] });
    const more = { ...checkpoint, size: 0, root: emptyRoot(), extensions: ["one", "two"] };
    expect(openCheckpoint(signCheckpoint(more, [OLD]), trust).checkpoint).toEqual(more);
  });

  it("of another log is refused, and one that nobody trusted signed", () => {
    const other = signCheckpoint({ ...checkpoint, origin: "other.example/log" }, [OLD]);
    expect(() => openCheckpoint(other, trust)).toThrow("is of the log other.example/log, not of ledger.example/log");
    expect(() => openCheckpoint(signCheckpoint(checkpoint, [NEW]), trust)).toThrow("no known key");
  });

  it("fails with any byte altered", () => {
    const note = utf8(signCheckpoint(checkpoint, [OLD]));
    for (let at = 0; at < note.length; at += 1) {
      expect(() => openCheckpoint(altered(note, at), trust)).toThrow(NoteError);
    }
  });

  const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  it.each([
    ["", "at least three lines"],
    [`a\n1\n${root}`, "at least three lines"],
    ["a\n1\n", "at least three lines"],
    ["a\n1\n\n", "32 bytes in base64"],
    [`\n1\n${root}\n`, "no empty line"],
    [`a\n1\n${root}\n\n`, "no empty line"],
    [`a\n1\n${root}\nb\n\nc\n`, "no empty line"],
    [`a\n\n${root}\n`, "is the size"],
    [`a\n01\n${root}\n`, "is the size"],
    [`a\n-1\n${root}\n`, "is the size"],
    [`a\n+1\n${root}\n`, "is the size"],
    [`a\n0x1\n${root}\n`, "is the size"],
    [`a\n1 \n${root}\n`, "is the size"],
    [`a\n1e3\n${root}\n`, "is the size"],
    [`a\n9007199254740992\n${root}\n`, "is the size"],
    [`a\n99999999999999999999\n${root}\n`, "is the size"],
    [`a\n1\n${root.slice(1)}\n`, "32 bytes in base64"],
    [`a\n1\n${root.replace("=", "")}\n`, "32 bytes in base64"],
    [`a\n1\n${root.replace("2I=", "2J=")}\n`, "32 bytes in base64"],
    [`a\n1\n${root.replace("/", "_")}\n`, "32 bytes in base64"],
    [`a\n1\nAAAA${root}\n`, "32 bytes in base64"],
    [`a\n0\n${root}\n`, "root of the empty tree"],
  ])("is not %j", (text, message) => {
    expect(() => parseCheckpoint(text)).toThrow(message);
    expect(() => parseCheckpoint(text)).toThrow(NoteError);
  });

  it.each([
    { origin: "" },
    { origin: `a\n7` },
    { size: 1.5 },
    { size: -1 },
    { size: Number.NaN },
    { root: new Uint8Array(31) },
    { extensions: [""] },
    { extensions: ["a\nb"] },
  ])("is not signed with %o", (wrong) => {
    expect(() => signCheckpoint({ ...checkpoint, ...wrong }, [OLD])).toThrow(NoteError);
  });
});
