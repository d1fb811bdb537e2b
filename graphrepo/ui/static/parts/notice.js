import { Failure } from "../lib/api.js";
import { h } from "../lib/dom.js";

/** A sentence in place of a region, announced when it appears. */
export const notice = (sentence, ...more) => h("p", { class: "notice", role: "alert" }, sentence, ...more);

/** The server's sentence for a failure; a fault of ours is shown too, and logged. */
export function failure(error) {
  if (!(error instanceof Failure)) console.error(error);
  return notice(error.message);
}
