// The two ways to the server: GraphQL, and JSON posts for signing in and out.
// X-Graphrepo-Csrf proves that a request under the session cookie comes from our own page:
// another origin cannot set it without asking first.

/** What the server refused, in its own sentence, or that it could not be reached. */
export class Failure extends Error {
  /**
   * @param {string} sentence
   * @param {string} [code] one of the server's stable codes, or "offline"
   */
  constructor(sentence, code = "") {
    super(sentence);
    this.code = code;
  }
}

const CUT_OFF = "The server could not be reached. Check the connection and try again.";
const UNABLE = "The server could not answer. Your changes are still on this page. Try again.";

/**
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 */
async function send(path, body, signal) {
  try {
    return await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-Graphrepo-Csrf": "1" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(CUT_OFF, "offline");
  }
}

/**
 * Read an answer: its JSON if it is any, else its text as the sentence.
 * @param {Response} response
 * @returns {Promise<any>}
 */
async function read(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return { message: text.slice(0, 512) };
  }
}

/** @param {any} answer */
const sentence = (answer) =>
  [answer.message, answer.detail, answer.error].find((text) => typeof text === "string" && text);

/**
 * Post JSON and return the answer; throws a Failure with the server's sentence.
 * @param {string} path
 * @param {unknown} body
 */
export async function post(path, body) {
  const response = await send(path, body);
  const answer = await read(response);
  if (response.ok) return answer;
  throw new Failure(sentence(answer) || UNABLE, answer.code);
}

/**
 * The name of a GraphQL document's operation; every document of ours has exactly one.
 * @param {string} document
 */
export function nameOf(document) {
  const found = /\b(?:query|mutation)\s+(\w+)/.exec(document);
  if (!found) throw new Error("An operation needs a name.");
  return found[1];
}

/**
 * Run a GraphQL operation and return its data; throws a Failure with the first error's sentence,
 * or what the abort signal carries.
 * @param {string} document
 * @param {Record<string, unknown>} [variables]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function graphql(document, variables = {}, signal) {
  const body = { query: document, variables, operationName: nameOf(document) };
  const answer = await read(await send("/api/graphql", body, signal));
  const [error] = answer.errors ?? [];
  if (error) throw new Failure(error.message, error.extensions?.code);
  if (answer.data) return answer.data;
  throw new Failure(sentence(answer) || UNABLE, answer.code);
}
