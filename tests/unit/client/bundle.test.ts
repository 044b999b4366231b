import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ENTRY = fileURLToPath(new URL("../../../packages/client/src/client.ts", import.meta.url));
const MOST_BYTES = 10_000;

async function bundle(platform: "browser" | "node") {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    format: "esm",
    platform,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return { bytes: outputFiles[0]?.contents ?? new Uint8Array(), inputs: Object.keys(metafile.inputs) };
}

test("the client is small, and of its own files alone, in a browser and elsewhere", async () => {
  for (const platform of ["browser", "node"] as const) {
    const { bytes, inputs } = await bundle(platform);
    expect(bytes.length).toBeLessThan(MOST_BYTES);
    expect(inputs.filter((file) => !file.startsWith("packages/client/src/"))).toEqual([]);
  }
});

test("the client names nothing that browsers lack", async () => {
  const { bytes } = await bundle("browser");
  expect(new TextDecoder().decode(bytes)).not.toMatch(/\bprocess\b|\brequire\b|\bBuffer\b|node:/);
});
