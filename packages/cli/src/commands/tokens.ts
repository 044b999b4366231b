import type { Answer, Body } from "@on-record/client";
import { command, wholeNumber } from "../args.ts";
import { DONE, UsageError, type Io } from "../io.ts";
import { HTTP_OPTIONS, JSON_OPTION, remoteLedger } from "../ledger.ts";
import { oneLine, say, sayJson } from "../text.ts";

type Token = Answer<"getToken">["token"];
type Scopes = Body<"createToken">["scopes"];

const OPTIONS = { ...HTTP_OPTIONS, ...JSON_OPTION };
const EXPIRY = {
  expires: { type: "string", value: "<time>", about: "a date-time with its offset from which on it is worth nothing" },
  "expires-in": { type: "string", value: "<seconds>", about: "the same, in seconds from now" },
} as const;
const SCOPES = ["read", "record", "edit", "subscribe", "admin"] as const;

function row({ id, principal, scopes, status, label, expiresAt, replacedBy }: Token): string {
  const more = [
    expiresAt === undefined ? "" : `until ${expiresAt}`,
    replacedBy === undefined ? "" : `replaced by ${replacedBy}`,
    label === undefined ? "" : oneLine(label),
  ];
  return [id, status.padEnd(7), principal, scopes.join(","), ...more.filter((text) => text !== "")].join("  ");
}

/** The one time that a token's value is shown. */
async function tellIssued(
  io: Io,
  issued: { token: Token; value: string; replaced?: Token },
  json: boolean,
): Promise<number> {
  const { token, value, replaced } = issued;
  if (json) await sayJson(io.out, issued);
  else {
    const old =
      replaced?.expiresAt === undefined ? [] : [`The old one, ${replaced.id}, is good until ${replaced.expiresAt}.`];
    await say(
      io.out,
      [value, "", row(token), ...old, "The value is kept nowhere: it cannot be shown again."].join("\n"),
    );
  }
  return DONE;
}

function expiryOf(values: { expires: string | undefined; "expires-in": string | undefined }) {
  const seconds = values["expires-in"];
  return {
    ...(values.expires !== undefined && { expiresAt: values.expires }),
    ...(seconds !== undefined && { expiresInSeconds: wholeNumber(seconds, "--expires-in", { min: 1 }) }),
  };
}

function scopesOf(given: readonly string[]): Scopes {
  const asked = given.flatMap((text) => text.split(","));
  const found = SCOPES.filter((scope) => asked.includes(scope));
  const strange = asked.find((text) => !SCOPES.some((scope) => scope === text));
  if (strange !== undefined || found.length === 0)
    throw new UsageError(`--scope takes ${SCOPES.join(", ")}, not "${strange ?? ""}"`);
  return found;
}

/** `on-record tokens create`. */
export const createToken = command({
  name: "tokens create",
  summary: "Make a token for a principal",
  about:
    "A principal is who did it, as events keep it: it stays the same when its token is rotated. A token's scopes are what it may do: read, record (statements and reports), edit (the record), subscribe, admin (all of these, tokens and exports). Its value is printed once. This takes a token of scope admin.",
  args: [{ name: "principal", about: "such as news.desk: letters, digits, and - _ . between them" }],
  options: {
    scope: {
      type: "string",
      multiple: true,
      value: "<scope>",
      about: `${SCOPES.join(", ")}; once for each, or separated by commas`,
    },
    label: { type: "string", value: "<text>", about: "what it is for, for those who manage tokens" },
    ...EXPIRY,
    ...OPTIONS,
  },
  examples: [
    ["on-record tokens create news.desk --scope read,record --label 'News desk'", "For a desk that records"],
    ["on-record tokens create auditor --scope read --expires-in 604800", "For an auditor, for a week"],
  ],
  async run({ values, arg }, io) {
    const ledger = await remoteLedger(io, values);
    const body = {
      principal: arg("principal"),
      scopes: scopesOf(values.scope),
      ...(values.label !== undefined && { label: values.label }),
      ...expiryOf(values),
    };
    return tellIssued(io, await ledger.client.createToken(body, ledger.options), values.json);
  },
});

/** `on-record tokens list`. */
export const listTokens = command({
  name: "tokens list",
  summary: "List all tokens, without their values",
  about: "Tokens are never removed: what expired or was revoked stays in the list. This takes a token of scope admin.",
  options: OPTIONS,
  examples: [["on-record tokens list", "Every token of this machine's ledger"]],
  async run({ values }, io) {
    const ledger = await remoteLedger(io, values);
    const tokens: Token[] = [];
    for await (const token of ledger.client.each.listTokens({}, ledger.options)) tokens.push(token);
    if (values.json) await sayJson(io.out, { tokens });
    else for (const token of tokens) await say(io.out, row(token));
    if (!values.json && tokens.length === 0) await say(io.out, "There are no tokens but the configured one.");
    return DONE;
  },
});

/** `on-record tokens rotate`. */
export const rotateToken = command({
  name: "tokens rotate",
  summary: "Give a token a successor",
  about:
    "Makes a new token for the same principal and scopes, and prints its value once. The old one stays good for the overlap, so that programs can be moved to the new one without a gap. A token is rotated once: afterwards rotate its successor.",
  args: [{ name: "id", about: "the token's id: its value's middle part" }],
  options: {
    overlap: { type: "string", value: "<seconds>", about: "how long the old one stays good (default 3600)" },
    ...EXPIRY,
    ...OPTIONS,
  },
  examples: [["on-record tokens rotate abcdefghij234567 --overlap 600", "Both are good for ten minutes"]],
  async run({ values, arg }, io) {
    const ledger = await remoteLedger(io, values);
    const overlap = values.overlap === undefined ? {} : { overlapSeconds: wholeNumber(values.overlap, "--overlap") };
    return tellIssued(
      io,
      await ledger.client.rotateToken(arg("id"), { ...overlap, ...expiryOf(values) }, ledger.options),
      values.json,
    );
  },
});

/** `on-record tokens revoke`. */
export const revokeToken = command({
  name: "tokens revoke",
  summary: "End a token, for good",
  about:
    "It is worth nothing from now on, within five seconds everywhere. A successor that it has stays good. Done again it changes nothing.",
  args: [{ name: "id", about: "the token's id: its value's middle part" }],
  options: OPTIONS,
  examples: [["on-record tokens revoke abcdefghij234567", "End this token"]],
  async run({ values, arg }, io) {
    const ledger = await remoteLedger(io, values);
    const { token } = await ledger.client.revokeToken(arg("id"), ledger.options);
    await (values.json ? sayJson(io.out, { token }) : say(io.out, row(token)));
    return DONE;
  },
});
