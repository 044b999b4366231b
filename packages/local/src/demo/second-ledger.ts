/**
 * A second throwaway ledger, in a process of its own, as each has its own clock of sequence numbers and its own
 * handlers. It tells the demo its address and token, and ends when the demo does, however that ends.
 */
import { startThrowaway } from "./throwaway.ts";

const folder = process.argv[2];
if (folder === undefined || process.send === undefined) throw new Error("only the demo starts this");

/** Ctrl-C reaches both processes; the demo then ends this one. */
process.on("SIGINT", () => undefined);
const ledger = await startThrowaway(folder, (message, error) => console.error(message, error ?? ""));
process.once("disconnect", () => void ledger.stop().finally(() => process.exit()));
if (process.connected) process.send({ url: ledger.url, token: ledger.token });
else process.exit();
