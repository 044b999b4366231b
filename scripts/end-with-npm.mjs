/**
 * npm runs a task as npm → sh → node, and passes a signal to sh alone; a killed npm passes none. Either way the task
 * would live on, unseen, and hold its files. So the task looks whether npm is still there, and ends itself when not.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 250;
const GENERATIONS = 2;

/** A process' parent and command line; undefined where neither /proc nor ps tells. */
function look(pid) {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return { parent, command: readFileSync(`/proc/${pid}/cmdline`, "utf8") };
    }
    const line = execFileSync("ps", ["-o", "ppid=,command=", "-p", String(pid)], { encoding: "utf8" }).trim();
    const [parent, ...command] = line.split(/\s+/);
    return { parent: Number(parent), command: command.join(" ") };
  } catch {
    return undefined;
  }
}

function findNpm() {
  let pid = process.ppid;
  for (let generation = 0; generation < GENERATIONS; generation += 1) {
    const found = look(pid);
    if (found === undefined) return undefined;
    if (/^npm\b|\bnpm-cli\.js/.test(found.command)) return pid;
    pid = found.parent;
  }
  return undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Ends this process, as SIGTERM does, soon after the npm that runs it is gone. */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === "win32") return;
  const npm = findNpm();
  if (npm === undefined) return;
  const timer = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, LOOK_EVERY_MS);
  timer.unref();
}
