/** The API behind a real HTTP server, as `npm start` has it, without what follows an append. A process of its own. */
import { startFront } from "@on-record/local/http-front";
import { FUNCTIONS } from "@on-record/local/functions";

const front = await startFront({
  host: "127.0.0.1",
  port: 0,
  handler: (event) => FUNCTIONS.api(event),
  log: (message, error) => console.error(message, error),
});
process.send?.(front.url);
process.once("disconnect", () => process.exit(0));
