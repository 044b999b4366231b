/**
 * The story that the demo plays and the flow test tells: what was said about Ukraine on 18 and 19 August 2025. The
 * quotations in quotation marks are facts; the sentences around them are our own, and the outlets are invented.
 */
import type { RecordStatementInput } from "@on-record/core/commands/inputs";
import type { ActorProfile } from "@on-record/core/domain/actor";
import type { PropositionProfile } from "@on-record/core/domain/proposition";
import type { Evidence, ReportInput } from "@on-record/core/domain/statement/parts";

/** What a schema takes, before it fills in its defaults. */
type Input<S extends { _zod: { input: unknown } }> = S["_zod"]["input"];
export type StatementBody = Input<typeof RecordStatementInput>;
export type ReportBody = Input<typeof ReportInput>;

/** The statements name days, and these are days in Washington. */
export const ZONE = "America/New_York";
export const MONDAY = "2025-08-18";
export const TUESDAY = "2025-08-19";

/** Whose positions the story is about. */
export const TRUMP = "donald-trump";
const LEAVITT = "karoline-leavitt";
/** Those of whom he spoke: his words give them no position. */
export const EUROPEANS = ["france", "germany", "united-kingdom"] as const;

export const ACTORS = {
  [TRUMP]: { name: "Donald Trump", kind: "person", wikidata: "Q22686", aliases: ["President Trump"] },
  [LEAVITT]: { name: "Karoline Leavitt", kind: "person", speaksFor: [TRUMP] },
  france: { name: "France", kind: "organisation", wikidata: "Q142" },
  germany: { name: "Germany", kind: "organisation", wikidata: "Q183" },
  "united-kingdom": { name: "United Kingdom", kind: "organisation", wikidata: "Q145" },
} as const satisfies Readonly<Record<string, Input<typeof ActorProfile>>>;

export const TROOPS = "us-ground-troops-in-ukraine";
export const AIR = "us-air-support-for-a-european-force";
export const NATO = "ukraine-joins-nato";
export const CRIMEA = "crimea-returns-to-ukraine";

export const PROPOSITIONS = {
  [TROOPS]: { wording: "The United States deploys ground troops in Ukraine", topics: ["Ukraine"] },
  [AIR]: { wording: "The United States supports a European force in Ukraine from the air", topics: ["Ukraine"] },
  [NATO]: { wording: "Ukraine joins NATO", topics: ["Ukraine", "NATO"] },
  [CRIMEA]: { wording: "Crimea returns to Ukraine", topics: ["Ukraine", "Crimea"] },
} as const satisfies Readonly<Record<string, Input<typeof PropositionProfile>>>;

/** The place of words that stand in a text once. */
function place(text: string, words: string): Evidence {
  const start = text.indexOf(words);
  if (start < 0 || text.includes(words, start + 1)) throw new Error(`“${words}” must stand once in “${text}”`);
  return { start, end: start + words.length };
}

const DESK = "Harbor Daily";
const MONDAY_TEXT =
  "Asked after the White House talks about a U.S. peacekeeping presence in Ukraine, the president declined to rule it out.";
const ASSURANCE_TEXT =
  "The United States “will not” place ground troops in Ukraine. “You have my assurance, and I’m president.”";
const FROM_THE_AIR_TEXT =
  "France, Germany and the United Kingdom are prepared to front-load a reassurance mission, while the United States assists from the air.";
const IMPOSSIBLE_TEXT = "Kyiv’s membership of NATO and the return of Crimea are both “impossible”.";
const BRIEFING_TEXT =
  "U.S. boots “will not be on the ground” in Ukraine. Under a future peace agreement, Washington could help coordinate security guarantees and provide air support to a European force.";
const NOTES_TEXT =
  "U.S. boots “won’t be on the ground” in Ukraine, “but we can certainly help in coordination and perhaps provide other means of security guarantees”.";

const saidOn = (day: string) => ({ saidAt: day, saidAtZone: ZONE });
const reportOf = (day: string, page: string, headline: string): ReportBody => ({
  publisher: DESK,
  url: `https://harbor-daily.example/${day}/${page}`,
  publishedAt: day,
  headline,
});
const assurance = reportOf(TUESDAY, "assurance", "President to Fox News: no American ground troops in Ukraine");

/** What was said, in the order in which a desk that keeps up records it. */
export const STATEMENTS = {
  /** Monday: declined to rule out. */
  monday: {
    speaker: TRUMP,
    text: MONDAY_TEXT,
    ...saidOn(MONDAY),
    report: reportOf(MONDAY, "talks", "After talks with Zelensky and Europe’s leaders, a door left open"),
    assessments: [
      {
        proposition: TROOPS,
        stance: "open",
        cue: "declined to rule out",
        evidence: place(MONDAY_TEXT, "declined to rule it out"),
      },
    ],
  },
  /** Tuesday, to Fox News: "will not". */
  assurance: {
    speaker: TRUMP,
    text: ASSURANCE_TEXT,
    ...saidOn(TUESDAY),
    report: assurance,
    assessments: [
      {
        proposition: TROOPS,
        stance: "ruled_out",
        cue: "will not",
        evidence: place(ASSURANCE_TEXT, "“will not” place ground troops"),
      },
    ],
  },
  /** His own country assists from the air; what he says of three others is nobody's position. */
  fromTheAir: {
    speaker: TRUMP,
    text: FROM_THE_AIR_TEXT,
    ...saidOn(TUESDAY),
    report: assurance,
    assessments: [
      {
        proposition: AIR,
        stance: "leaning_for",
        cue: "assists from the air",
        evidence: place(FROM_THE_AIR_TEXT, "the United States assists from the air"),
      },
    ],
  },
  /** One statement, two propositions, and neither in his hand: assertive. */
  impossible: {
    speaker: TRUMP,
    text: IMPOSSIBLE_TEXT,
    ...saidOn(TUESDAY),
    report: assurance,
    assessments: [NATO, CRIMEA].map((proposition) => ({
      proposition,
      stance: "ruled_out" as const,
      force: "assertive" as const,
      cue: "impossible",
      evidence: place(IMPOSSIBLE_TEXT, "“impossible”"),
    })),
  },
  /** The press secretary, for the president. */
  briefing: {
    speaker: LEAVITT,
    onBehalfOf: TRUMP,
    text: BRIEFING_TEXT,
    ...saidOn(TUESDAY),
    report: reportOf(TUESDAY, "briefing", "Press secretary: no boots on the ground, help from the air possible"),
    assessments: [
      {
        proposition: TROOPS,
        stance: "ruled_out",
        cue: "will not",
        evidence: place(BRIEFING_TEXT, "“will not be on the ground”"),
      },
      {
        proposition: AIR,
        stance: "open",
        condition: "under a future peace agreement",
        cue: "could",
        evidence: place(BRIEFING_TEXT, "could help coordinate security guarantees and provide air support"),
      },
    ],
  },
} as const satisfies Readonly<Record<string, StatementBody>>;
export type StatementName = keyof typeof STATEMENTS;

/** A post about the briefing: what stood in it, and what of it enters the ledger. */
export interface Post {
  words: string;
  becomes: string;
}

/** Posts that an editor recognises as accounts of the briefing: each becomes a report of that statement. */
export const REPORTED_POSTS: readonly (Post & { report: ReportBody })[] = [
  {
    words:
      "Leavitt: under NO circumstances will there be U.S. boots on the ground in Ukraine. About time somebody said it! Had the other side won, our kids would be over there by now.",
    becomes: "a report; the poster’s opinion and the hypothetical about another politician become nothing",
    report: {
      publisher: "Eagle Banner",
      url: "https://eagle-banner.example/posts/1",
      publishedAt: TUESDAY,
      headline: "NO boots on the ground, under NO circumstances",
    },
  },
  {
    words: "The White House has definitively ruled out U.S. ground troops in Ukraine, its press secretary says.",
    becomes: "a report",
    report: {
      publisher: "Meridian Wire",
      url: "https://meridian-wire.example/posts/2",
      publishedAt: TUESDAY,
      headline: "White House definitively rules out ground troops",
    },
  },
];

/** A post that a second desk records as a statement of its own, before an editor merges it into the briefing. */
export const RECORDED_POST: Post & { statement: StatementBody } = {
  words: NOTES_TEXT,
  becomes: "a statement of its own at first",
  statement: {
    speaker: LEAVITT,
    onBehalfOf: TRUMP,
    text: NOTES_TEXT,
    ...saidOn(TUESDAY),
    report: {
      publisher: "Briefing Room Notes",
      url: "https://briefing-room-notes.example/posts/3",
      publishedAt: TUESDAY,
      headline: "In the White House’s own words",
    },
    assessments: [
      {
        proposition: TROOPS,
        stance: "ruled_out",
        cue: "won’t be on the ground",
        evidence: place(NOTES_TEXT, "“won’t be on the ground”"),
      },
    ],
  },
};
export const MERGE_REASON = "The same briefing, reported by another outlet";
