/** A pattern that EventBridge would refuse. `code` is stable; `message` says what is wrong with it. */
export class InvalidPatternError extends Error {
  readonly code = "invalid_pattern";
  override readonly name = "InvalidPatternError";
}
