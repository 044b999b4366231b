import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { entriesOf, readerOfEntries } from "../../../helpers/naive-tree.ts";
import { signCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { ed25519Verify, sha256 } from "@on-record/core/log/tree/crypto";
import { signerOf, verifierOf, formatVerifierKey } from "@on-record/core/log/tree/keys";
import { formatProofFile } from "@on-record/core/log/tree/proof-file";
import { proveInclusion, readRoot } from "@on-record/core/log/tree/prove";

const TREE = fileURLToPath(new URL("../../../../packages/core/src/log/tree/", import.meta.url));

/** The verifier as one script for a page, where `platform` gives what crypto.ts gives here. */
async function scriptForAPage() {
  const built = await build({
    stdin: {
      contents: `import { checkProofFile } from "./proof-file.ts"; import { parseVerifierKey } from "./keys.ts";
        import "./audit.ts"; import "./bundle.ts"; import "./tile-path.ts";
        verified = checkProofFile(proof, entry, { origin, verifiers: [parseVerifierKey(key)] }).index;`,
      resolveDir: TREE,
    },
    plugins: [
      {
        name: "another-platform",
        setup(builder) {
          builder.onLoad({ filter: /crypto\.ts$/ }, () => ({
            contents: "export const { sha256, ed25519Verify, ed25519Key } = platform;",
          }));
        },
      },
    ],
    bundle: true,
    write: false,
    platform: "browser",
    metafile: true,
  });
  return { script: built.outputFiles[0]?.text ?? "", inputs: Object.keys(built.metafile.inputs) };
}

it("a proof is verified where there is no Node, with another platform's hash and signature in place of crypto.ts", async () => {
  const { script, inputs } = await scriptForAPage();
  // Neither schemas nor canonical JSON: the bytes of an entry are hashed as they came.
  expect(inputs.filter((input) => !/(?:log\/tree\/[a-z-]+\.ts|^<stdin>)$/.test(input))).toEqual([]);

  const entries = entriesOf(700);
  const read = readerOfEntries(entries);
  const origin = "ledger.example/log";
  const signer = signerOf(origin, new Uint8Array(32));
  const checkpoint = signCheckpoint({ origin, size: 700, root: readRoot(700, read), extensions: [] }, [signer]);
  const proof = formatProofFile({ index: 611, hashes: proveInclusion(611, 700, read), checkpoint });
  const page = {
    // What browsers have, and nothing of Node.
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    Uint8Array,
    platform: { sha256, ed25519Verify },
    proof,
    entry: entries[611],
    origin,
    key: formatVerifierKey(verifierOf(origin, signer.publicKey)),
    verified: -1,
  };
  runInNewContext(script, page);
  expect(page.verified).toBe(611);
  expect(() => runInNewContext(script, { ...page, entry: entries[610] })).toThrow("entry 611 is not in this tree");
});
