/** What components are that have no fields to say it. */
export const SCALARS: Readonly<Record<string, string>> = {
  Slug: "Names an actor or a proposition: lower-case words of letters and digits, joined by hyphens, such as `donald-trump`.",
  StatementId: "Names a statement. A keyed hash: it reveals nothing of the words.",
  ReportId: "Names a report of a statement.",
  EventId: "Names an event: its stream and version, as in `statement/st_…@3`.",
  TokenId: "Names a token. The public part of its value.",
  PrincipalId: "Who did it: stable when the token is rotated.",
  IdempotencyKey: "A caller's name for a request.",
  Instant: "A moment: UTC with milliseconds.",
  MomentOrDate:
    "A date (`2025-08-18`), or an RFC 3339 date-time with its offset (`2025-08-18T14:05:00-04:00`; seconds may be left out). Years 1000 to 9998.",
  Zone: "An IANA time zone or a fixed offset, such as `America/New_York` or `-04:00`.",
  Stance: "Five places on the scale, strongest support first, and two that never move a position.",
  Evidence: "Where words stand in a text, in UTF-16 units.",
  DerivedEvent: "What leaves the positions for subscribers.",
  Note: "A checkpoint of the log: a signed note, to the letter.",
  Octets: "Bytes.",
  Problem: "Problem details (RFC 9457). Beside what all have, a code may bring members of its own.",
};
