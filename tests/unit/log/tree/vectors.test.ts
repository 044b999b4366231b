import { grow, EMPTY_FRONTIER, rootOf } from "@on-record/core/log/tree/frontier";
import { emptyRoot, leafHash } from "@on-record/core/log/tree/hash";
import { proveConsistency, proveInclusion, readRoot } from "@on-record/core/log/tree/prove";
import { checkConsistency, checkInclusion } from "@on-record/core/log/tree/verify";
import { describe, expect, it } from "vitest";
import { fromHex, hexOf, readerOfEntries } from "../../../helpers/naive-tree.ts";

/*
 * The reference values of Certificate Transparency (the tests of google/certificate-transparency and of
 * transparency-dev/merkle): eight entries, the root of each size, and some of the proofs.
 */
const ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/** Subtrees, by the entries that they span. */
const [OF_1, OF_0_2, OF_0_4, OF_2_4, OF_4, OF_4_6, OF_4_8, OF_6, OF_6_8] = [
  "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
  ROOTS[2] ?? "",
  ROOTS[4] ?? "",
  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
  "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
  "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
];

const entries = ENTRIES.map(fromHex);
const read = readerOfEntries(entries);

describe("the published tree of Certificate Transparency", () => {
  it.each(ROOTS.map((root, size) => [size, root] as const))("has at size %d the root %s", (size, root) => {
    expect(hexOf(rootOf(grow(EMPTY_FRONTIER, entries.slice(0, size).map(leafHash))))).toBe(root);
    expect(hexOf(readRoot(size, read))).toBe(root);
  });

  it.each([
    [0, 1, []],
    [0, 8, [OF_1, OF_2_4, OF_4_8]],
    [5, 8, [OF_4, OF_6_8, OF_0_4]],
    [2, 3, [OF_0_2]],
    [1, 5, [ROOTS[1] ?? "", OF_2_4, OF_4]],
  ])("proves entry %d in size %d by the published hashes", (index, size, hashes) => {
    expect(proveInclusion(index, size, read).map(hexOf)).toEqual(hashes);
    const root = fromHex(ROOTS[size] ?? "");
    const leaf = leafHash(fromHex(ENTRIES[index] ?? ""));
    checkInclusion({ index, size, root, leaf, proof: hashes.map(fromHex) });
  });

  it.each([
    [1, 1, []],
    [1, 8, [OF_1, OF_2_4, OF_4_8]],
    [6, 8, [OF_4_6, OF_6_8, OF_0_4]],
    [2, 5, [OF_2_4, OF_4]],
    [6, 7, [OF_4_6, OF_6, OF_0_4]],
  ])("proves that size %d grew to size %d by the published hashes", (oldSize, size, hashes) => {
    expect(proveConsistency(oldSize, size, read).map(hexOf)).toEqual(hashes);
    const old = { size: oldSize, root: fromHex(ROOTS[oldSize] ?? "") };
    checkConsistency({ old, head: { size, root: fromHex(ROOTS[size] ?? "") }, proof: hashes.map(fromHex) });
  });
});

it("hashes a record as Go's checksum database does", () => {
  // golang.org/x/mod/sumdb/tlog, the tests of its note format.
  expect(Buffer.from(leafHash(Buffer.from("hello world"))).toString("base64")).toBe(
    "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=",
  );
  expect(hexOf(emptyRoot())).toBe(ROOTS[0]);
});
