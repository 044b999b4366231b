#!/bin/sh
# The story of the README, told with curl: what was said about U.S. troops in Ukraine on 18 and 19 August 2025.
# The short quotations are facts; the sentences around them are our own, and the outlets are invented.
#
#   URL=http://127.0.0.1:4004 TOKEN=<the token that npm start prints> sh examples/story.sh
#
# Run it as often as you like: a request that was sent before changes nothing.
set -eu
: "${URL:?is not set: the address that npm start prints}"
: "${TOKEN:?is not set: the token that npm start prints}"

newline='
'

say() { printf '\n# %s\n' "$1"; }

# send METHOD PATH: sends the JSON on standard input and leaves the answer in $answer. Stops at a refusal.
send() {
  answer=$(curl -sS -X "$1" "$URL$2" -w '\n%{http_code}' \
    -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' --data-binary @-)
  status=${answer##*"$newline"}
  answer=${answer%"$newline"*}
  case $status in
    2??) printf '%s  %s %s\n' "$status" "$1" "$2" ;;
    *) printf '%s  %s %s\n%s\n' "$status" "$1" "$2" "$answer" >&2; exit 1 ;;
  esac
}

# get PATH: leaves the answer in $answer.
get() {
  printf '\n$ curl -H "Authorization: Bearer $TOKEN" "$URL%s"\n' "$1"
  answer=$(curl -sS --fail --retry 5 -H "Authorization: Bearer $TOKEN" "$URL$1")
}

# The ids in the last answer: of the statement, and of its newest event.
statement_id() { printf '%s\n' "$answer" | sed 's/^{"statement":{"id":"\([^"]*\)".*/\1/'; }
event_id() { printf '%s\n' "$answer" | sed 's/^{"statement":{"id":"\([^"]*\)","version":\([0-9]*\).*/statement\/\1@\2/'; }

say 'Whom and what it is about'

send PUT /v1/actors/donald-trump <<'JSON'
{ "name": "Donald Trump", "kind": "person", "wikidata": "Q22686", "aliases": ["President Trump"] }
JSON
send PUT /v1/actors/karoline-leavitt <<'JSON'
{ "name": "Karoline Leavitt", "kind": "person", "speaksFor": ["donald-trump"] }
JSON
send PUT /v1/propositions/us-ground-troops-in-ukraine <<'JSON'
{ "wording": "The United States deploys ground troops in Ukraine", "topics": ["Ukraine"] }
JSON
send PUT /v1/propositions/us-air-support-for-a-european-force <<'JSON'
{ "wording": "The United States supports a European force in Ukraine from the air", "topics": ["Ukraine"] }
JSON
send PUT /v1/propositions/ukraine-joins-nato <<'JSON'
{ "wording": "Ukraine joins NATO", "topics": ["Ukraine", "NATO"] }
JSON
send PUT /v1/propositions/crimea-returns-to-ukraine <<'JSON'
{ "wording": "Crimea returns to Ukraine", "topics": ["Ukraine", "Crimea"] }
JSON

say 'Monday: he declined to rule it out'
# "evidence" says where in the text the words stand that carry the stance: from start up to, and without, end.

send POST /v1/statements <<'JSON'
{
  "speaker": "donald-trump",
  "text": "Asked after the White House talks about a U.S. peacekeeping presence in Ukraine, the president declined to rule it out.",
  "saidAt": "2025-08-18",
  "saidAtZone": "America/New_York",
  "report": {
    "publisher": "Harbor Daily",
    "url": "https://harbor-daily.example/2025-08-18/talks",
    "publishedAt": "2025-08-18",
    "headline": "After talks with Zelensky and Europe’s leaders, a door left open"
  },
  "assessments": [
    {
      "proposition": "us-ground-troops-in-ukraine",
      "stance": "open",
      "cue": "declined to rule out",
      "evidence": { "start": 95, "end": 118 }
    }
  ]
}
JSON

say 'Tuesday, to Fox News: “will not”'

send POST /v1/statements <<'JSON'
{
  "speaker": "donald-trump",
  "text": "The United States “will not” place ground troops in Ukraine. “You have my assurance, and I’m president.”",
  "saidAt": "2025-08-19",
  "saidAtZone": "America/New_York",
  "report": {
    "publisher": "Harbor Daily",
    "url": "https://harbor-daily.example/2025-08-19/assurance",
    "publishedAt": "2025-08-19",
    "headline": "President to Fox News: no American ground troops in Ukraine"
  },
  "assessments": [
    {
      "proposition": "us-ground-troops-in-ukraine",
      "stance": "ruled_out",
      "cue": "will not",
      "evidence": { "start": 18, "end": 48 }
    }
  ]
}
JSON

# What he says of three other countries gives them no position; what he says of his own gives him one.
send POST /v1/statements <<'JSON'
{
  "speaker": "donald-trump",
  "text": "France, Germany and the United Kingdom are prepared to front-load a reassurance mission, while the United States assists from the air.",
  "saidAt": "2025-08-19",
  "saidAtZone": "America/New_York",
  "report": {
    "publisher": "Harbor Daily",
    "url": "https://harbor-daily.example/2025-08-19/assurance",
    "publishedAt": "2025-08-19",
    "headline": "President to Fox News: no American ground troops in Ukraine"
  },
  "assessments": [
    {
      "proposition": "us-air-support-for-a-european-force",
      "stance": "leaning_for",
      "cue": "assists from the air",
      "evidence": { "start": 95, "end": 133 }
    }
  ]
}
JSON

# One statement, two propositions. He asserts what is not in his hand.
send POST /v1/statements <<'JSON'
{
  "speaker": "donald-trump",
  "text": "Kyiv’s membership of NATO and the return of Crimea are both “impossible”.",
  "saidAt": "2025-08-19",
  "saidAtZone": "America/New_York",
  "report": {
    "publisher": "Harbor Daily",
    "url": "https://harbor-daily.example/2025-08-19/assurance",
    "publishedAt": "2025-08-19",
    "headline": "President to Fox News: no American ground troops in Ukraine"
  },
  "assessments": [
    {
      "proposition": "ukraine-joins-nato",
      "stance": "ruled_out",
      "force": "assertive",
      "cue": "impossible",
      "evidence": { "start": 60, "end": 72 }
    },
    {
      "proposition": "crimea-returns-to-ukraine",
      "stance": "ruled_out",
      "force": "assertive",
      "cue": "impossible",
      "evidence": { "start": 60, "end": 72 }
    }
  ]
}
JSON

say 'The press secretary, for the president'
# "could", under a condition, is weaker than what he said himself: it is noted, and his position stands.

send POST /v1/statements <<'JSON'
{
  "speaker": "karoline-leavitt",
  "onBehalfOf": "donald-trump",
  "text": "U.S. boots “will not be on the ground” in Ukraine. Under a future peace agreement, Washington could help coordinate security guarantees and provide air support to a European force.",
  "saidAt": "2025-08-19",
  "saidAtZone": "America/New_York",
  "report": {
    "publisher": "Harbor Daily",
    "url": "https://harbor-daily.example/2025-08-19/briefing",
    "publishedAt": "2025-08-19",
    "headline": "Press secretary: no boots on the ground, help from the air possible"
  },
  "assessments": [
    {
      "proposition": "us-ground-troops-in-ukraine",
      "stance": "ruled_out",
      "cue": "will not",
      "evidence": { "start": 11, "end": 38 }
    },
    {
      "proposition": "us-air-support-for-a-european-force",
      "stance": "open",
      "condition": "under a future peace agreement",
      "cue": "could",
      "evidence": { "start": 94, "end": 159 }
    }
  ]
}
JSON
briefing=$(statement_id)

say 'Three posts about her words become reports of one statement'
# Two are added as reports of the same statement. The first post's opinion and its hypothetical become nothing.

send POST "/v1/statements/$briefing/reports" <<'JSON'
{
  "publisher": "Eagle Banner",
  "url": "https://eagle-banner.example/posts/1",
  "publishedAt": "2025-08-19",
  "headline": "NO boots on the ground, under NO circumstances"
}
JSON
send POST "/v1/statements/$briefing/reports" <<'JSON'
{
  "publisher": "Meridian Wire",
  "url": "https://meridian-wire.example/posts/2",
  "publishedAt": "2025-08-19",
  "headline": "White House definitively rules out ground troops"
}
JSON

# The third was recorded by itself; the answer names the briefing under "similar", and an editor merges the two.
send POST /v1/statements <<'JSON'
{
  "speaker": "karoline-leavitt",
  "onBehalfOf": "donald-trump",
  "text": "U.S. boots “won’t be on the ground” in Ukraine, “but we can certainly help in coordination and perhaps provide other means of security guarantees”.",
  "saidAt": "2025-08-19",
  "saidAtZone": "America/New_York",
  "report": {
    "publisher": "Briefing Room Notes",
    "url": "https://briefing-room-notes.example/posts/3",
    "publishedAt": "2025-08-19",
    "headline": "In the White House’s own words"
  },
  "assessments": [
    {
      "proposition": "us-ground-troops-in-ukraine",
      "stance": "ruled_out",
      "cue": "won’t be on the ground",
      "evidence": { "start": 11, "end": 35 }
    }
  ]
}
JSON
post=$(statement_id)
send POST "/v1/statements/$post/merge" <<JSON
{ "into": "$briefing", "reason": "The same briefing, reported by another outlet" }
JSON
merged=$(event_id)

say 'What follows from it'
# "after" waits until that event is behind the answer: read your own writes.

positions() { # each as "proposition: stance"
  printf '%s\n' "$answer" | tr '{' "$newline" |
    sed -n 's/.*"proposition":"\([^"]*\)","stance":"\([^"]*\)".*/  \1: \2/p'
}
changes() { # each as "proposition: change, reversal, cause"
  printf '%s\n' "$answer" | sed 's/{"type":/\
&/g' | sed -n 's/.*"proposition":"\([^"]*\)".*"cause":"\([^"]*\)".*"change":"\([^"]*\)","reversal":"\([^"]*\)".*/  \1: \3, reversal \4, \2/p'
}

get "/v1/actors/donald-trump/positions?asOf=2025-08-18&zone=America/New_York&after=$merged"
positions
get "/v1/actors/donald-trump/positions?asOf=2025-08-19&zone=America/New_York&after=$merged"
positions
get "/v1/changes?reversal=partial&after=$merged"
changes
