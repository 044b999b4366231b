import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function git(...args: string[]): string[] {
  // A hook's GIT_DIR or GIT_INDEX_FILE would point elsewhere.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  const output = execFileSync("git", ["-c", "safe.directory=*", ...args], { cwd: ROOT, env, encoding: "utf8" });
  return output.split("\0").filter((path) => path !== "");
}

const tracked = git("ls-files", "-z", "--cached");
/** Tracked, or about to be. */
const files = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").filter((path) =>
  existsSync(join(ROOT, path)),
);

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** `file:line` of every line, in the files that `choose` takes, that matches. */
function linesMatching(pattern: RegExp, choose: (path: string) => boolean = () => true): string[] {
  return files.filter(choose).flatMap((path) =>
    read(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 100)}`] : [])),
  );
}

// The needles are put together here, so that this file does not contain them.
const REGISTRY_HOSTS = [
  ["registry", "npmjs", "org"].join("."),
  ["registry", "yarnpkg", "com"].join("."),
  ["npm", "pkg", "github", "com"].join("."),
];
const MACHINE_FOLDERS = ["work", "tmp", "home", "root", "Users"];

describe("the repository", () => {
  test("names no package registry", () => {
    const hosts = REGISTRY_HOSTS.map((host) => host.replaceAll(".", String.raw`\.`)).join("|");
    expect(linesMatching(new RegExp(hosts))).toEqual([]);
  });

  test("names no path of one machine", () => {
    // At the start of a path only: a URL or a relative path may hold such a folder.
    const absolute = new RegExp(String.raw`(?:^|[\s"'\`(=:,])/(?:${MACHINE_FOLDERS.join("|")})/`);
    expect(linesMatching(absolute)).toEqual([]);
  });

  test("holds nothing that a merge left over", () => {
    const markers = ["<", ">", "=", "|"]
      .map((sign) => sign.repeat(7))
      .map((marker) => marker.replaceAll("|", String.raw`\|`));
    expect(linesMatching(new RegExp(`^(?:${markers.join("|")})(?: |$)`))).toEqual([]);
    expect(files.filter((path) => /\.(?:orig|rej)$/.test(path))).toEqual([]);
  });

  test("tracks nothing that is installed, built or recorded", () => {
    expect(tracked.filter((path) => /(?:^|\/)(?:node_modules|dist|coverage|\.sst|\.on-record)\//.test(path))).toEqual(
      [],
    );
    expect(read(".gitignore")).toMatch(/^node_modules\/$/m);
  });

  test("pins every dependency to one version", () => {
    const ranges = files
      .filter((path) => /(?:^|\/)package\.json$/.test(path))
      .flatMap((path) => {
        const manifest = JSON.parse(read(path)) as Record<string, Record<string, string> | undefined>;
        const kinds = ["dependencies", "devDependencies", "optionalDependencies"];
        const wanted = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}));
        return wanted
          .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
          .map(([name]) => `${path}: ${name}`);
      });
    expect(ranges).toEqual([]);
  });

  test("has a lock file that leaves the choice of registry to the user", () => {
    expect(files).toContain("package-lock.json");
    expect(read("package-lock.json")).not.toMatch(/"resolved": "https?:/);
  });

  test("locks every platform's packages, or npm ci refuses: see scripts/complete-lock.mjs", () => {
    const lock = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => ![`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => place in lock.packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe("the documents", () => {
  test("AGENTS.md stays under 800 words", () => {
    expect(read("AGENTS.md").split(/\s+/).length).toBeLessThan(800);
  });

  test.each(["npm start", "npm run demo", "npm test"])("README.md names `%s`", (command) => {
    expect(read("README.md")).toContain(command);
  });

  test("link only to files that exist", () => {
    const broken = files
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) => {
        const prose = read(path).replaceAll(/```[\s\S]*?```/g, "");
        const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => (target ?? "").replace(/#.*$/, ""));
        const relative = targets.filter((target) => target !== "" && !/^[a-z]+:/.test(target));
        return relative
          .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
          .map((target) => `${path}: ${target}`);
      });
    expect(broken).toEqual([]);
  });
});
