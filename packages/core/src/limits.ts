/** Every bound of the ledger in one place; the unit stands last in the name. */
export const LIMITS = {
  bodyBytes: 262_144,
  /** A batch passes through Lambda, which takes 6 MB: what API Gateway wraps around the body, and base64, fit as well. */
  batchBodyBytes: 4_194_304,
  batchStatementsCount: 100,
  idChars: 64,
  nameChars: 200,
  aliasesCount: 50,
  descriptionChars: 2_000,
  wordingChars: 500,
  keywordsCount: 50,
  broaderCount: 20,
  textChars: 5_000,
  reasonChars: 1_000,
  referenceChars: 200,
  conditionChars: 500,
  cueChars: 200,
  urlChars: 2_000,
  headlineChars: 500,
  publisherChars: 200,
  languageChars: 35,
  assessmentsPerRequestCount: 20,
  /** A DynamoDB item holds 400 KB; a statement's whole state must fit in one view row with room to spare. */
  stateBytes: 300_000,
  /** Streams are short: the whole one is read before each append. */
  streamEventsCount: 500,
  idempotencyKeyChars: 255,
  /** A clock may differ this much from ours before a saidAt counts as lying in the future. */
  clockSkewMs: 300_000,
  appendAttemptsCount: 8,
  pageItemsCount: 100,
  /** Keys of the log in use at once, and retired ones with them. */
  logKeysCount: 16,
  pageItemsDefaultCount: 25,
  /** An export reads everything: few and large pages. */
  exportLinesCount: 1_000,
  /** Lambda answers with at most 6 MB, headers and all. What could exceed it ends a page early. */
  pageBytes: 4_194_304,
  similarCount: 5,
  /** Two posts of one utterance rarely lie further apart than this. */
  similarWindowMs: 86_400_000,
  segmentEntriesCount: 128,
  /** How far apart the bounds of a time may lie that alone keep a list of statements from reading all of them. */
  listedSpanMs: 366 * 86_400_000,
  /** What one page of a list may cost: then it ends, short, and `next` leads on. */
  listedPostingsCount: 5_000,
  /** Of derived events, whose postings are a dozen bytes each. */
  listedChangesCount: 50_000,
  /** Of what was asked of editors, most of which they may have settled since. */
  listedReviewsCount: 500,
  listedReadsCount: 60,
  listedChecksCount: 300,
  /** Events behind the index of statements that an answer still takes in; further ones wait for the index. */
  unlistedEventsCount: 256,
  searchWordsCount: 200,
  searchWordChars: 32,
  searchQueryChars: 200,
  searchQueryWordsCount: 8,
  afterWaitMs: 5_000,
  /** Conditions of others that an erased one is remembered to have differed from. */
  unlikeConditionsCount: 1_000,
  /** As long as any Lambda runs: what began before has ended by then, or has been killed. */
  erasureSettlesMs: 900_000,
  /** Segments of the log that one run of erasure looks through for what no wake-up told it of. */
  erasureSegmentsCount: 2_000,
  tokenLabelChars: 200,
  /** Ten years. A token without an expiry has none. */
  tokenLifeSeconds: 315_576_000,
  tokenOverlapSeconds: 604_800,
  tokenOverlapDefaultSeconds: 3_600,
  /** So long may a token that was revoked through another process still be good in this one. */
  tokenCacheMs: 5_000,
  tokenCacheCount: 1_000,
  corsOriginsCount: 50,
} as const;

/** An assessment less sure than this counts for nothing until an editor confirms it. */
export const CONFIDENCE_THRESHOLD = 0.6;
