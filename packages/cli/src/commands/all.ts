import type { Command } from "../args.ts";
import { check } from "./check.ts";
import { listDeadLetters, redriveDeadLetters } from "./dead-letters.ts";
import { exporting } from "./export.ts";
import { importing } from "./import.ts";
import { newLogKey } from "./log-keys.ts";
import { replay } from "./replay.ts";
import { restore } from "./restore.ts";
import { state } from "./state.ts";
import { tail } from "./tail.ts";
import { createToken, listTokens, revokeToken, rotateToken } from "./tokens.ts";
import { verify } from "./verify.ts";

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  importing,
  exporting,
  restore,
  verify,
  tail,
  state,
  replay,
  check,
  createToken,
  listTokens,
  rotateToken,
  revokeToken,
  newLogKey,
  listDeadLetters,
  redriveDeadLetters,
];
