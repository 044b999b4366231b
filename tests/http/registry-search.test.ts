import { describe, expect, test } from "vitest";
import { followed, readingApi, type ReadingApi } from "../helpers/reading-api.ts";

const person = (name: string, more: object = {}) => ({ name, kind: "person", ...more });

async function world() {
  const api = await readingApi();
  const put = async (path: string, body: object, version?: number) => {
    const headers = version === undefined ? {} : { "if-match": `"${version}"` };
    const { status, body: answer } = await api.call("PUT", `/v1/${path}`, { body, headers });
    expect(status, JSON.stringify(answer)).toBeLessThan(300);
  };
  await put(
    "actors/volodymyr-zelensky",
    person("Володимир Зеленський", { aliases: ["Volodymyr Zelensky", "Zelenskyy"] }),
  );
  await put("actors/recep-tayyip-erdogan", person("Recep Tayyip Erdoğan", { wikidata: "Q39259" }));
  await put("actors/white-house", { name: "The White House", kind: "office", aliases: ["U.S. President's office"] });
  await put("actors/karoline-leavitt", person("Karoline Leavitt", { speaksFor: ["donald-trump", "white-house"] }), 1);
  await put("propositions/us-air-support", {
    wording: "The United States supports a European force from the air",
    keywords: ["air cover"],
    topics: ["Security guarantees"],
  });
  await api.settle();
  const ids = async (path: string) => {
    const name = path.slice("/v1/".length).split("?")[0] ?? "";
    return (await followed(api, path, name)).map(({ id }) => id);
  };
  return { api, put, ids };
}

const ALL = ["donald-trump", "karoline-leavitt", "recep-tayyip-erdogan", "volodymyr-zelensky", "white-house"];

describe("actors", () => {
  test("are listed by id, in pages that make up the whole", async () => {
    const { ids } = await world();
    for (const limit of [1, 2, 4, 5, 100]) expect(await ids(`/v1/actors?limit=${limit}`)).toEqual(ALL);
  });

  test.each([
    ["Erdogan", ["recep-tayyip-erdogan"]],
    ["erdoğan recep", ["recep-tayyip-erdogan"]],
    ["ERD", ["recep-tayyip-erdogan"]],
    ["зеле", ["volodymyr-zelensky"]],
    ["zelensky", ["volodymyr-zelensky"]],
    ["presidents office", ["white-house"]],
    ["US", ["white-house"]],
    ["White  House!", ["white-house"]],
    ["don trump", ["donald-trump"]],
    ["don leavitt", []],
    ["ouse", []],
    ["nobody", []],
  ])("are found by %j, whatever the case, accents and signs, if all words begin one of theirs", async (q, found) => {
    const { ids } = await world();
    for (const limit of [1, 100])
      expect(await ids(`/v1/actors?limit=${limit}&q=${encodeURIComponent(q)}`)).toEqual(found);
  });

  test("with two words that begin alike are found once, however pages are cut", async () => {
    const { api, put, ids } = await world();
    await put("actors/zed", person("Zelma Zelda", { aliases: ["Zelen"] }));
    await api.settle();
    for (const limit of [1, 2, 100]) {
      expect(new Set(await ids(`/v1/actors?q=zel&limit=${limit}`))).toEqual(new Set(["volodymyr-zelensky", "zed"]));
      expect(await ids(`/v1/actors?q=zel&limit=${limit}`)).toHaveLength(2);
    }
  });

  test.each([
    ["kind=office", ["white-house"]],
    ["wikidata=Q39259", ["recep-tayyip-erdogan"]],
    ["wikidata=Q1", []],
    ["speaksFor=white-house", ["karoline-leavitt"]],
    ["speaksFor=donald-trump&q=karo", ["karoline-leavitt"]],
    ["speaksFor=donald-trump&q=white", []],
    ["kind=person&q=tr", ["donald-trump"]],
    ["kind=office&q=tr", []],
  ])("are found by %s", async (query, found) => {
    const { ids } = await world();
    expect(await ids(`/v1/actors?${query}`)).toEqual(found);
  });

  test("are no longer found by what a revision took from them, and found by what it brought", async () => {
    const { api, put, ids } = await world();
    await put("actors/white-house", { name: "Executive Office", kind: "organisation" }, 1);
    await api.settle();
    expect(await ids("/v1/actors?q=white")).toEqual([]);
    expect(await ids("/v1/actors?kind=office")).toEqual([]);
    expect(await ids("/v1/actors?q=exec")).toEqual(["white-house"]);
    await put("actors/white-house", { name: "White House", kind: "office" }, 2);
    await api.settle();
    expect(await ids("/v1/actors?q=white&kind=office")).toEqual(["white-house"]);
    const { body } = await api.get("/v1/actors?q=white");
    expect(body.actors[0]).toMatchObject({ id: "white-house", version: 3, name: "White House", kind: "office" });
  });

  test("that come in between two pages move none of the others", async () => {
    const { api, put } = await world();
    const first = await api.get("/v1/actors?limit=2");
    await put("actors/aaron", person("Aaron"));
    await put("actors/quentin", person("Quentin"));
    await api.settle();
    const second = await api.get(`/v1/actors?limit=100&cursor=${first.body.next}`);
    expect(second.body.actors.map(({ id }: { id: string }) => id)).toEqual(["quentin", ...ALL.slice(2)]);
  });

  test.each([
    ["q=%21%21", "q"],
    [`q=${"a".repeat(201)}`, "q"],
    ["kind=robot", "kind"],
    ["wikidata=22686", "wikidata"],
    ["speaksFor=No_body", "speaksFor"],
    ["limit=0", "limit"],
    ["name=x", "name"],
  ])("asked for by %s are refused with the name of what to mend", async (query, field) => {
    const { get } = await readingApi();
    const { status, body } = await get(`/v1/actors?${query}`);
    expect([status, body.code, body.errors[0].path]).toEqual([400, "invalid_request", field]);
  });

  test("keep their revisions, each with what it said and its place in the log", async () => {
    const { api } = await world();
    const { body, headers } = await api.get("/v1/actors/karoline-leavitt/events?limit=1");
    expect(body.events).toMatchObject([{ version: 1, type: "ActorRegistered", data: { speaksFor: [] }, sequence: 1 }]);
    expect(headers.get("link")).toBe('</v1/actors/karoline-leavitt/events?after=1&limit=1>; rel="next"');
    const second = await api.get("/v1/actors/karoline-leavitt/events?after=1&limit=1");
    expect(second.body.events).toMatchObject([
      { version: 2, type: "ActorRevised", recordedBy: "admin", data: { speaksFor: ["donald-trump", "white-house"] } },
    ]);
    expect((await api.get("/v1/actors/nobody/events")).body.code).toBe("actor_not_found");
  });
});

describe("propositions", () => {
  test.each([
    ["", ["us-air-support", "us-ground-troops-in-ukraine"]],
    ["?q=united%20states", ["us-air-support", "us-ground-troops-in-ukraine"]],
    ["?q=air%20cover", ["us-air-support"]],
    ["?q=guarantee", ["us-air-support"]],
    ["?q=troops", ["us-ground-troops-in-ukraine"]],
    ["?topic=security%20GUARANTEES", ["us-air-support"]],
    ["?topic=security", []],
    ["?topic=Security%20guarantees&q=troops", []],
  ])("are found by %j in wording, keywords and topics", async (query, found) => {
    const { ids } = await world();
    expect(await ids(`/v1/propositions${query}`)).toEqual(found);
  });

  test("keep their revisions", async () => {
    const { api } = await world();
    const { body } = await api.get("/v1/propositions/us-air-support/events");
    expect(body.events).toMatchObject([{ type: "PropositionDefined", data: { topics: ["Security guarantees"] } }]);
    expect((await api.get("/v1/propositions/none/events")).body.code).toBe("proposition_not_found");
  });
});

test("a list is as old as its view says, and waits for an event on request", async () => {
  const api: ReadingApi = await readingApi();
  const put = await api.call("PUT", "/v1/actors/late", { body: person("Late") });
  const early = await api.get("/v1/actors?q=late");
  expect([early.body.actors, early.body.through.sequence]).toEqual([[], 2]);
  expect((await api.get(`/v1/actors?q=late&after=${put.body.event.id}`)).body.code).toBe("view_behind");
  await api.settle();
  const found = await api.get(`/v1/actors?q=late&after=${put.body.event.id}`);
  expect([found.body.actors.length, found.body.through.sequence]).toEqual([1, 3]);
});
