import type { Decided } from "../../helpers/memory-ledger.ts";

/** A possible history: its events in segments, in the order in which they shall enter the log. */
export interface History {
  segments: Decided[][];
}

/** For a failing case: the history in lines. */
export function told({ segments }: History): string {
  const lines = segments.flatMap((events, index) =>
    events.map(({ statement, event }) => {
      const { data } = event;
      const said = "saidAt" in data && data.saidAt ? ` at ${data.saidAt.given} ${data.saidAt.zone}` : "";
      const read =
        "assessments" in data && data.assessments
          ? data.assessments
              .map(
                (a) =>
                  ` ${a.proposition.slice(3, 6)}=${a.stance}${a.condition ? ` ${a.condition}` : ""}/${a.basis}/${a.confidence}`,
              )
              .join("")
          : "";
      const rest = JSON.stringify({
        ...data,
        saidAt: undefined,
        assessments: undefined,
        text: undefined,
        report: undefined,
        statement: undefined,
        reason: undefined,
      });
      return `${index}: ${statement.charAt(3)} ${event.type}${said}${read} ${rest}`;
    }),
  );
  return lines.join("\n");
}
