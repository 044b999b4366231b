import { signCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { entryBytes, leavesOf, parseEntry } from "@on-record/core/log/tree/entry";
import { NoteError, ProofError } from "@on-record/core/log/tree/errors";
import { EMPTY_FRONTIER, grow, rootOf } from "@on-record/core/log/tree/frontier";
import { signerOf, verifierOf } from "@on-record/core/log/tree/keys";
import { checkProofFile, formatProofFile, parseProofFile } from "@on-record/core/log/tree/proof-file";
import { proveInclusion } from "@on-record/core/log/tree/prove";
import { utf8 } from "@on-record/core/log/tree/text";
import { instantOf } from "@on-record/core/domain/time";
import { eventIdOf, StreamName, type LogEntry } from "@on-record/core/log/envelope";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { EDITOR, st } from "../../../fixtures/statements.ts";
import { altered, NaiveTree, readerOfEntries } from "../../../helpers/naive-tree.ts";

const stream = StreamName.parse(`statement/${st("a")}`);
const entryAt = (sequence: number): LogEntry => ({
  id: eventIdOf(stream, sequence + 1),
  stream,
  version: sequence + 1,
  type: "StatementWithdrawn",
  schemaVersion: 1,
  receivedAt: instantOf(sequence),
  recordedBy: EDITOR,
  requestId: "r",
  digest: createHash("sha256").update(String(sequence)).digest("base64url"),
  sequence,
  recordedAt: instantOf(sequence),
});
const LOG = Array.from({ length: 11 }, (_, sequence) => entryAt(sequence));
const BYTES = LOG.map(entryBytes);

const origin = "ledger.example/log";
const signer = signerOf(origin, new Uint8Array(32).fill(1));
const trust = { origin, verifiers: [verifierOf(origin, signer.publicKey)] };
const root = rootOf(grow(EMPTY_FRONTIER, leavesOf(LOG)));
const checkpoint = signCheckpoint({ origin, size: LOG.length, root, extensions: [] }, [signer]);
const proofOf = (index: number) =>
  formatProofFile({ index, hashes: proveInclusion(index, LOG.length, readerOfEntries(BYTES)), checkpoint });
/** The fault of what must not hold. */
function faultOf(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    return error instanceof ProofError || error instanceof NoteError ? error.fault : String(error);
  }
  return "it holds";
}

const bytesAt = (index: number) => BYTES[index] ?? new Uint8Array();

describe("an entry as the tree hashes it", () => {
  it("is canonical JSON of the envelope and its place, and leads back", () => {
    const id = `statement/${st("a")}@3`;
    expect(new TextDecoder().decode(bytesAt(2))).toBe(
      `{"digest":"${LOG[2]?.digest}","id":"${id}","receivedAt":"${instantOf(2)}","recordedAt":"${instantOf(2)}",` +
        `"recordedBy":"${EDITOR}","requestId":"r","schemaVersion":1,"sequence":2,` +
        `"stream":"statement/${st("a")}","type":"StatementWithdrawn","version":3}`,
    );
    expect(BYTES.map(parseEntry)).toEqual(LOG);
    expect(root).toEqual(new NaiveTree(BYTES).root(0, 11));
  });

  it("never takes in what was said, nor its salt", () => {
    const stored = { ...entryAt(0), data: { text: "secret" }, salt: "AAAA" };
    const leaking: LogEntry = stored;
    expect(() => entryBytes(leaking)).toThrow("this is no entry of a log");
    expect(() => entryBytes(leaking)).toThrow(ProofError);
  });

  it("has one spelling", () => {
    const text = new TextDecoder().decode(bytesAt(0));
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(LOG[0] ?? {}).toReversed()));
    for (const other of [` ${text}`, `${text}\n`, reordered, text.replace('"r"', String.raw`"\u0072"`)]) {
      expect(() => parseEntry(utf8(other))).toThrow("entry 0 is not written in canonical JSON");
    }
    expect(() => parseEntry(utf8(text.replace('"version":1', '"version":2,"version":1')))).toThrow("canonical JSON");
  });

  it.each(["", "{", "null", "[]", "{}", "\ufeff{}"])("is not %j", (text) => {
    expect(() => parseEntry(utf8(text))).toThrow("this is no entry of a log");
  });

  it("names the field that is wrong, and takes no bytes but UTF-8", () => {
    const text = new TextDecoder().decode(bytesAt(0)).replace('"sequence":0', '"sequence":-1');
    expect(() => parseEntry(utf8(text))).toThrow("this is no entry of a log: sequence: ");
    expect(() => parseEntry(Uint8Array.of(0xff))).toThrow(ProofError);
  });
});

describe("a proof file", () => {
  it("has the lines of C2SP tlog-proof, and leads back", () => {
    const [head, note] = [proofOf(10).split("\n\n")[0], proofOf(10).slice(proofOf(10).indexOf("\n\n") + 2)];
    const hashes = proveInclusion(10, 11, readerOfEntries(BYTES)).map((h) => Buffer.from(h).toString("base64"));
    expect(head).toBe(["c2sp.org/tlog-proof@v1", "index 10", ...hashes].join("\n"));
    expect(note).toBe(checkpoint);
    const file = { index: 3, hashes: [root], checkpoint, extra: utf8("more") };
    expect(parseProofFile(formatProofFile(file))).toEqual(file);
    expect(formatProofFile(file)).toContain("\nextra bW9yZQ==\nindex 3\n");
  });

  it("shows that a log holds an entry, for each entry", () => {
    for (const index of LOG.keys()) {
      const shown = checkProofFile(proofOf(index), bytesAt(index), trust);
      expect(shown).toEqual({ index, checkpoint: { origin, size: 11, root, extensions: [] } });
    }
  });

  it("of the only entry has no hash", () => {
    const alone = signCheckpoint({ origin, size: 1, root: new NaiveTree(BYTES).root(0, 1), extensions: [] }, [signer]);
    const text = formatProofFile({ index: 0, hashes: [], checkpoint: alone });
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${alone}`);
    expect(checkProofFile(text, bytesAt(0), trust).index).toBe(0);
  });

  it("fails with any byte altered or missing, and for any other entry", () => {
    for (const index of [5, 10]) {
      const text = proofOf(index);
      const bytes = utf8(text);
      for (let at = 0; at < bytes.length; at += 1) {
        for (const wrong of [altered(bytes, at), bytes.slice(0, at)]) {
          const check = () => checkProofFile(new TextDecoder().decode(wrong), bytesAt(index), trust);
          expect(faultOf(check)).toMatch(/^(?:malformed|disproved)$/);
        }
      }
      for (const other of LOG.keys()) {
        if (other !== index) expect(() => checkProofFile(text, bytesAt(other), trust)).toThrow(ProofError);
      }
      for (let at = 0; at < bytesAt(index).length; at += 1) {
        expect(() => checkProofFile(text, altered(bytesAt(index), at), trust)).toThrow("is not in this tree");
      }
    }
  });

  it("of another log, or under another key, shows nothing", () => {
    const elsewhere = { ...trust, origin: "other.example/log" };
    expect(() => checkProofFile(proofOf(1), bytesAt(1), elsewhere)).toThrow("is of the log ledger.example/log");
    const verifiers = [verifierOf(origin, signerOf(origin, new Uint8Array(32)).publicKey)];
    expect(() => checkProofFile(proofOf(1), bytesAt(1), { origin, verifiers })).toThrow(NoteError);
  });

  const hash = Buffer.from(root).toString("base64");
  it.each([
    ["", "begins with c2sp.org/tlog-proof@v1"],
    ["c2sp.org/tlog-proof@v1\nindex 0\n", "has an empty line"],
    ["c2sp.org/tlog-proof@v2\nindex 0\n\n", "begins with"],
    ["c2sp.org/tlog-proof@v1\n\nindex 0\n\n", "no line with its index"],
    ["c2sp.org/tlog-proof@v1\nindex 00\n\n", "no line with its index"],
    ["c2sp.org/tlog-proof@v1\nindex -1\n\n", "no line with its index"],
    ["c2sp.org/tlog-proof@v1\nindex 9007199254740992\n\n", "no line with its index"],
    ["c2sp.org/tlog-proof@v1\nindex 1\r\n\n", "no line with its index"],
    ["c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\n", "extra is not base64"],
    ["c2sp.org/tlog-proof@v1\nextra\nindex 0\n\n", "no line with its index"],
    ["c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n", "hash 0 of the proof"],
    [`c2sp.org/tlog-proof@v1\nindex 0\n${hash}\n${hash.slice(0, -1)}\n\n`, "hash 1 of the proof"],
    [`c2sp.org/tlog-proof@v1\nindex 0\n${`${hash}\n`.repeat(54)}\n`, "54 hashes are too many"],
  ])("is not %j", (text, message) => {
    expect(() => parseProofFile(text)).toThrow(message);
    expect(() => parseProofFile(text)).toThrow(ProofError);
  });
});
