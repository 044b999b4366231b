import { connect as connectPlainly, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { AnswerReader, type HttpAnswer } from "./http-answer.ts";

/** A host to whose root requests are posted. */
export interface Place {
  secure: boolean;
  hostname: string;
  port: number;
}

/** The bounds of posting. */
export interface PostLimits {
  /** How long an answer may take, from when the request has a connection; making that is part of it. */
  requestMs: number;
  /** The largest answer that is taken. */
  answerBytes: number;
  /** More requests at once wait for a connection. */
  connectionsCount: number;
}

/** What became of a request. `lost`: there is no whole answer, and it may have been carried out or not. */
export type Posted = HttpAnswer | "too large" | "lost";

interface Task {
  text: string;
  encoding: "latin1" | "utf8";
  settle: (posted: Posted) => void;
}

/**
 * Posts to one place over connections that it keeps. Node's own client makes a request, a response, their streams and
 * a dozen events for each exchange, which costs more than all else that a call takes; this one writes a text and reads
 * a text. It never sends a request twice.
 */
export class HttpPosts {
  readonly #place: Place;
  readonly #limits: PostLimits;
  /** The one used last comes last and is taken first: it is the least likely to be closed by the other side. */
  readonly #idle: Connection[] = [];
  readonly #waiting: Task[] = [];
  #connectionsCount = 0;

  constructor(place: Place, limits: PostLimits) {
    this.#place = place;
    this.#limits = limits;
  }

  /** Throws a `TypeError` for a header that would break out of its line. */
  post(headers: Readonly<Record<string, string>>, body: string): Promise<Posted> {
    const bodyBytes = Buffer.byteLength(body);
    const text = `${headOf(headers, bodyBytes)}${body}`;
    return new Promise((settle) => {
      this.#carry({ text, encoding: bodyBytes === body.length ? "latin1" : "utf8", settle });
    });
  }

  #carry(task: Task): void {
    const idle = this.#idle.pop();
    if (idle !== undefined) idle.carry(task);
    else if (this.#connectionsCount < this.#limits.connectionsCount) this.#connect().carry(task);
    else this.#waiting.push(task);
  }

  #connect(): Connection {
    this.#connectionsCount += 1;
    return new Connection(this.#place, this.#limits, {
      free: (connection) => {
        const next = this.#waiting.shift();
        if (next !== undefined) return connection.carry(next);
        this.#idle.push(connection);
        return connection.rest();
      },
      gone: (connection) => {
        this.#connectionsCount -= 1;
        const at = this.#idle.indexOf(connection);
        if (at !== -1) this.#idle.splice(at, 1);
        const next = this.#waiting.shift();
        if (next !== undefined) this.#carry(next);
      },
    });
  }
}

interface Owner {
  free: (connection: Connection) => void;
  gone: (connection: Connection) => void;
}

/** One connection: one request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #limits: PostLimits;
  readonly #owner: Owner;
  /** One for all its requests: it is set anew for each, and means nothing in between. */
  readonly #late: NodeJS.Timeout;
  #task: Task | undefined;
  #reader: AnswerReader;

  constructor({ secure, hostname: host, port }: Place, limits: PostLimits, owner: Owner) {
    this.#limits = limits;
    this.#owner = owner;
    this.#reader = new AnswerReader(limits.answerBytes);
    this.#socket = secure
      ? connectSecurely({ host, port, ...(isIP(host) === 0 && { servername: host }) })
      : connectPlainly({ host, port });
    this.#late = setTimeout(() => this.#task && this.#end("lost"), limits.requestMs).unref();
    this.#socket
      .setNoDelay(true)
      .on("data", (chunk: Buffer) => this.#take(chunk))
      .on("end", () => this.#end("lost"))
      .on("error", () => this.#end("lost"))
      .once("close", () => {
        clearTimeout(this.#late);
        this.#end("lost");
        owner.gone(this);
      });
  }

  carry(task: Task): void {
    this.#task = task;
    this.#late.refresh();
    this.#socket.ref();
    this.#socket.write(task.text, task.encoding);
  }

  /** A connection that carries nothing shall not keep the process. */
  rest(): void {
    this.#socket.unref();
  }

  #take(chunk: Buffer): void {
    // Nobody asked.
    if (this.#task === undefined) return void this.#socket.destroy();
    const answer = this.#reader.take(chunk);
    if (answer === undefined) return;
    if (typeof answer === "string") return this.#end(answer === "too large" ? answer : "lost");
    if (!answer.keepsOpen) return this.#end(answer);
    const { settle } = this.#task;
    this.#task = undefined;
    this.#reader = new AnswerReader(this.#limits.answerBytes);
    this.#owner.free(this);
    settle(answer);
  }

  /** Settles what is carried, and closes. */
  #end(posted: Posted): void {
    this.#socket.destroy();
    this.#task?.settle(posted);
    this.#task = undefined;
  }
}

/** A value may hold no line break: it would begin another header. */
const VALUE = /^[\t\x20-\x7e]*$/;

function headOf(headers: Readonly<Record<string, string>>, bodyBytes: number): string {
  let head = "POST / HTTP/1.1\r\n";
  for (const [name, value] of Object.entries(headers)) {
    if (!VALUE.test(value)) throw new TypeError(`the header ${name} holds characters that no header may hold`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${bodyBytes}\r\n\r\n`;
}
