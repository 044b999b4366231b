/** The files of an export, by what they hold. */
export const FILES = {
  events: "events.jsonl",
  leaves: "leaves.txt",
  checkpoint: "checkpoint",
  keys: "log-keys",
  statements: "statements.csv",
  whoCsv: "who-did-what.csv",
  whoJsonl: "who-did-what.jsonl",
  readme: "README.txt",
  sums: "SHA256SUMS",
} as const;

/** An event's data takes at most one item of DynamoDB, 400 KB; escapes in JSON may make six of each byte. */
export const LINE_BYTES = 4_194_304;

/** What the folder says of itself. */
export function readmeOf({
  origin,
  size,
  root,
  formats,
}: {
  origin: string;
  size: number;
  root: string;
  formats: readonly string[];
}): string {
  const tables = formats.includes("csv")
    ? `${FILES.statements}
  Every statement as it stood at the end, one a row, in the order of recording. For people: a cell that a spreadsheet
  would take for a formula begins with an apostrophe. UTF-8, commas, CRLF (RFC 4180).
${FILES.whoCsv}
  Who did what, and when, one event a row.
`
    : "";
  const who = formats.includes("jsonl")
    ? `${FILES.whoJsonl}
  Who did what, and when, one event a line.
`
    : "";
  return `This is an export of a ledger of public statements, made by On Record.

log      ${origin}
events   ${size}
root     ${root}

It holds everything that the ledger holds, words and salts included. Who has it can confirm what was said in it and by
whom it was recorded: hand it on as you would hand on the ledger itself.

${FILES.events}
  One event a line, in the ledger's one order. "entry" is its line of the log: the sequence number, when it was recorded,
  who recorded it, and a digest. "data" is what it says; "salt" opens the digest: SHA-256 over the salt's bytes and the
  canonical JSON (RFC 8785) of the data. Of an erased event the salt is gone, and "erased" is true.
${FILES.leaves}
  Per event the hash of its entry (RFC 6962: SHA-256 over a zero byte and the canonical JSON of the entry) and its id.
${FILES.checkpoint}
  The signed root over all entries (C2SP tlog-checkpoint, signed-note). It was made by the ledger, not by the export.
${FILES.keys}
  The keys that the ledger says it signs with. Get them from somewhere else, too, if you can.
${tables}${who}${FILES.sums}
  SHA-256 of each file. It tells what was damaged on the way. It proves nothing against who can alter it.

To verify it, without the ledger and without a network:

  npx on-record verify <this folder> --key <key>

To bring it back, word for word, into an empty ledger:

  npx on-record restore --from <this folder> --data <new folder>
`;
}
