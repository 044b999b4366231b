/** Posts once over TLS, in a process of its own: Node reads whom to trust when it starts. Prints what became of it. */
import { HttpPosts } from "@on-record/core/storage/http-posts";

const [hostname = "", port = ""] = process.argv.slice(2);
const limits = { requestMs: 10_000, answerBytes: 1_000, connectionsCount: 1 };
const posts = new HttpPosts({ secure: true, hostname, port: Number(port) }, limits);
process.stdout.write(JSON.stringify(await posts.post({ host: hostname }, "{}")));
