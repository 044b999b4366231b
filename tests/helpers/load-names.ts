/** Where what the subscribers under load were told is kept. */
export const AUDIT_QUEUE = "audit";
export const SUBSCRIBER = "load-subscriber";
export const SUBSCRIBER_FILE = "told.jsonl";
