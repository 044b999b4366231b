import { heldResponse } from "@on-record/functions/http/held-response";
import { describe, expect, test } from "vitest";

const TEXT = '{"text":"Київ"}';
const INIT = { status: 201, headers: { "content-type": "application/json", etag: '"1"' } };

describe("an answer whose text is at hand", () => {
  test("has the status and the headers of any other", () => {
    const held = heldResponse(TEXT, INIT);
    expect([held.status, held.ok]).toEqual([201, true]);
    expect(Object.fromEntries(held.headers)).toEqual(INIT.headers);
    expect(held).toBeInstanceOf(Response);
  });

  test("gives its body in every form that any other does", async () => {
    expect(await heldResponse(TEXT, INIT).text()).toBe(TEXT);
    expect(await heldResponse(TEXT, INIT).json()).toEqual({ text: "Київ" });
    expect(Buffer.from(await heldResponse(TEXT, INIT).arrayBuffer()).toString()).toBe(TEXT);
    const { body } = heldResponse(TEXT, INIT);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(TEXT);
    // What middleware does to change an answer.
    const held = heldResponse(TEXT, INIT);
    expect(await new Response(held.body, held).text()).toBe(TEXT);
  });
});
