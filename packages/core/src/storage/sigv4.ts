import { createHmac, hash } from "node:crypto";

/** Whose signature it is to be. */
export interface SigningIdentity {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** Where the signature holds. */
export interface SigningScope {
  region: string;
  service: string;
}

/** A POST to `/` without a query: the only request that AWS's JSON protocols know. */
export interface SignedPost {
  /** By lower-case name, `host` and all others that are to be signed; values trimmed. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Signs by AWS Signature Version 4, as `@smithy/signature-v4` does, but keeps the day's key at hand: a signature is
 * then two hashes and one HMAC. One signer serves one region and service.
 */
export class PostSigner {
  readonly #scope: SigningScope;
  #kept: { secret: string; day: string; key: Buffer } | undefined;

  constructor(scope: SigningScope) {
    this.#scope = scope;
  }

  /** The request's headers with date, token and `authorization`. */
  sign({ headers, body }: SignedPost, identity: SigningIdentity, now: Date): Record<string, string> {
    const time = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
    const { sessionToken } = identity;
    const all: Record<string, string> = {
      ...headers,
      "x-amz-date": time,
      ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
    };
    const names = Object.keys(all).toSorted();
    const signed = names.join(";");
    const lines = names.map((name) => `${name}:${all[name] ?? ""}\n`).join("");
    const request = `POST\n/\n\n${lines}\n${signed}\n${sha256(body)}`;
    const day = time.slice(0, 8);
    const scope = `${day}/${this.#scope.region}/${this.#scope.service}/aws4_request`;
    const text = `${ALGORITHM}\n${time}\n${scope}\n${sha256(request)}`;
    const signature = createHmac("sha256", this.#keyOf(identity.secretAccessKey, day)).update(text).digest("hex");
    all["authorization"] =
      `${ALGORITHM} Credential=${identity.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return all;
  }

  #keyOf(secret: string, day: string): Buffer {
    if (this.#kept?.secret === secret && this.#kept.day === day) return this.#kept.key;
    const parts = [day, this.#scope.region, this.#scope.service, "aws4_request"];
    const first: Buffer = Buffer.from(`AWS4${secret}`);
    const key = parts.reduce((key, part) => createHmac("sha256", key).update(part).digest(), first);
    this.#kept = { secret, day, key };
    return key;
  }
}

function sha256(text: string): string {
  return hash("sha256", text, "hex");
}
