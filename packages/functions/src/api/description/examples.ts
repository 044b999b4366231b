/** Ids in the examples. Those of a ledger follow from its own secret; these are of the ledger that tests run on. */
export const IDS = {
  monday: "st_p5pgy43wl2yd7o3yb6inokzgvz",
  tuesday: "st_jrqcymixnqczq2totffjnr5bzn",
  briefing: "st_siln2pd364hpvvjaugwwyw7pmk",
  notes: "st_vgrjb25encdubgdafbfjvvgfo5",
  wireReport: "rp_avavpdt5xcpkz4it",
  token: "zrzpvx6mhubjmolo",
} as const;

export const TRUMP = "donald-trump";
export const LEAVITT = "karoline-leavitt";
export const TROOPS = "us-ground-troops-in-ukraine";
export const AIR = "us-air-support-for-a-european-force";

const ZONE = "America/New_York";

/** Examples of statements: the quoted words are facts, the outlets are invented. */
export const MONDAY = {
  speaker: TRUMP,
  text: "The president declined to rule out a U.S. peacekeeping presence in Ukraine.",
  saidAt: "2025-08-18",
  saidAtZone: ZONE,
  report: { publisher: "Example Wire", url: "https://wire.example/monday", publishedAt: "2025-08-18" },
  assessments: [{ proposition: TROOPS, stance: "open", cue: "declined to rule out", evidence: { start: 14, end: 34 } }],
};

export const TUESDAY = {
  speaker: TRUMP,
  text: "The United States will not place ground troops in Ukraine.",
  language: "en",
  saidAt: "2025-08-19T09:00-04:00",
  report: { publisher: "Example News", url: "https://news.example/tuesday", headline: "President: no ground troops" },
  assessments: [{ proposition: TROOPS, stance: "ruled_out", cue: "will not" }],
};

export const BRIEFING = {
  speaker: LEAVITT,
  onBehalfOf: TRUMP,
  text: "Under a future peace agreement, Washington could provide air support to a European force.",
  saidAt: "2025-08-19",
  saidAtZone: ZONE,
  report: { publisher: "Example News", url: "https://news.example/briefing" },
  assessments: [
    { proposition: AIR, stance: "leaning_for", condition: "under a future peace agreement", cue: "could provide" },
  ],
};

export const NOTES = {
  speaker: LEAVITT,
  onBehalfOf: TRUMP,
  text: "Air support for a European force is possible once there is a peace agreement.",
  saidAt: "2025-08-19",
  saidAtZone: ZONE,
  report: { publisher: "Briefing Room Notes", url: "https://notes.example/1" },
  assessments: [{ proposition: AIR, stance: "leaning_for", condition: "under a future peace agreement" }],
};
