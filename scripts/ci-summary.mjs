/**
 * The closing line of `.ci/run`: tests and steps of the gate, counted together.
 *
 *   node scripts/ci-summary.mjs <vitest's JSON report> <its exit code> <the gate's report> <its exit code>
 *
 * A run that failed, or whose report is missing or empty, never counts as nothing failed.
 */
import { readFileSync } from "node:fs";

const [testsReport, testsExit, gateReport, gateExit] = process.argv.slice(2);

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** At least one failure where the exit code or an empty report says so. */
function atLeastOne(exit, { passed, failed }) {
  const broken = exit !== "0" || passed + failed === 0;
  return { passed, failed: broken ? Math.max(failed, 1) : failed };
}

function countTests() {
  const report = read(testsReport);
  const files = report?.testResults ?? [];
  // A file that could not be loaded fails without a failed test in it.
  const unloaded = files.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  for (const { name, message } of unloaded) console.log(`Failed as a whole: ${name} ${message ?? ""}`);
  for (const test of files.flatMap(({ assertionResults }) => assertionResults)) {
    if (test.status !== "passed" && test.status !== "failed") console.log(`Not run (${test.status}): ${test.fullName}`);
  }
  return atLeastOne(testsExit, {
    passed: report?.numPassedTests ?? 0,
    failed: (report?.numFailedTests ?? 0) + unloaded.length,
  });
}

function countSteps() {
  const steps = read(gateReport) ?? [];
  const passed = steps.filter((step) => step.passed).length;
  return atLeastOne(gateExit, { passed, failed: steps.length - passed });
}

const tests = countTests();
const steps = countSteps();
const failed = tests.failed + steps.failed;
console.log(`${tests.passed + steps.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
