/**
 * Adds to package-lock.json the platform packages that the registry in use did not offer when the lock was written
 * (a mirror may hold only some platforms). `npm install` leaves those out in silence; `npm ci` then refuses the lock,
 * everywhere. The version is the one that the parent names; there is no integrity until npm has seen the package.
 *
 *   node scripts/complete-lock.mjs      after any `npm install`; changes nothing when nothing is missing
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const LOCK = new URL("../package-lock.json", import.meta.url);
const PLATFORM =
  /(?<os>android|darwin|freebsd|linux|openharmony|win32)-(?<cpu>arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(?<abi>\w+))?$/;

/** An entry as npm writes it, from a name such as `@oxlint/binding-linux-x64-musl`. */
function entryFor(name, version, parent) {
  const { os, cpu, abi } = PLATFORM.exec(name)?.groups ?? {};
  if (os === undefined) throw new Error(`${name}@${version} is missing, and its name tells no platform.`);
  const libc = os === "linux" && abi !== undefined ? { libc: [abi.startsWith("musl") ? "musl" : "glibc"] } : {};
  return { version, cpu: [cpu], ...(parent.dev ? { dev: true } : {}), ...libc, optional: true, os: [os] };
}

const lock = JSON.parse(readFileSync(LOCK, "utf8"));
const added = {};
for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((place) => place in lock.packages) || !/^\d/.test(version)) continue;
    added[`node_modules/${name}`] = entryFor(name, version, parent);
  }
}

if (Object.keys(added).length > 0) {
  const byPath = ([a], [b]) => a.localeCompare(b, "en");
  lock.packages = Object.fromEntries(Object.entries({ ...lock.packages, ...added }).toSorted(byPath));
  const draft = new URL("../.package-lock.draft.json", import.meta.url);
  writeFileSync(draft, `${JSON.stringify(lock, null, 2)}\n`);
  renameSync(draft, LOCK);
}
console.log(`${Object.keys(added).length} platform packages added to package-lock.json`);
