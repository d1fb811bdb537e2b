// What the pages ask the server, and what it said. X-Graphrepo-Csrf proves that a request under the
// session cookie comes from our own page: another origin cannot set it without asking first.

import { signal, useEffect, useRef, useState } from "./preact.js";

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

/** A question as answers are kept under it. @param {string} operation @param {unknown} variables */
const keyOf = (operation, variables) => `${operation} ${JSON.stringify(variables)}`;

/** @type {[operation: string, variables: unknown, data: any][]} */
const brought = JSON.parse(document.getElementById("answers")?.textContent ?? "[]");

/** What the server answered along with the page, see web/answers.py: as good as asked, once. */
const given = new Map(brought.map(([operation, variables, data]) => [keyOf(operation, variables), data]));

const SESSION = `query Session {
  viewer { login isAdmin }
  instanceConfig { name version baseUrl maxUploadBytes }
}`;

/**
 * `viewer` is undefined until the server has said who is signed in, null for nobody.
 * @typedef {{
 *   viewer: { login: string, isAdmin: boolean } | null | undefined,
 *   instance: { name: string, version: string, baseUrl: string, maxUploadBytes: number } | null,
 * }} Session
 */
export const session = signal(sessionOf(given.get("Session {}")));

/** @param {any} answer @returns {Session} */
function sessionOf(answer) {
  return { viewer: answer?.viewer, instance: answer?.instanceConfig ?? null };
}

/** Whether somebody is signed in; until the server has said who, whether a session came along with the page. */
export function isSignedIn() {
  const { viewer } = session.value;
  return viewer === undefined ? "signedIn" in document.documentElement.dataset : viewer !== null;
}

/** Uploads on their way, for the top bar; null when there are none. */
export const activity = signal(/** @type {{ done: number, total: number, href: string } | null} */ (null));

/** Ask who is signed in, unless the page has said so. A server that cannot answer leaves the corner empty: the page says so. */
export async function loadSession() {
  if (given.delete("Session {}")) return;
  try {
    session.value = sessionOf(await graphql(SESSION));
  } catch {
    session.value = { ...session.value };
  }
}

/** End the session; everything that was seen in it goes from memory with the page. */
export async function signOut() {
  await post("/api/auth/logout", {});
  location.assign("/");
}

/** The address of the sign-in page, which comes back to here. */
export const signInHref = () => `/login?next=${encodeURIComponent(location.pathname + location.search)}`;

/** The latest answers, so that going back shows them at once. @type {Map<string, any>} */
const answers = new Map(given);
const KEPT = 40;

/** How often everything was forgotten. */
const forgotten = signal(0);

/** Forget all answers, after a change; what the page shows is asked once more. */
export function forget() {
  answers.clear();
  forgotten.value += 1;
}

/** @param {string} key @param {any} data */
function keep(key, data) {
  answers.delete(key);
  answers.set(key, data);
  if (answers.size > KEPT) answers.delete(answers.keys().next().value ?? "");
}

/**
 * An answer as a page shows it. `data` is undefined until the first answer; while a next one is
 * on its way it stays, and `isStale` says so. `again` asks once more.
 * @typedef {{ data: any, failure: Error | null, isStale: boolean, again: () => Promise<void> }} Answer
 */

/**
 * Ask a GraphQL query and ask again whenever its variables change; an earlier question is
 * aborted. What was answered before is shown at once and then brought up to date.
 * @param {string} document
 * @param {Record<string, unknown>} [variables]
 * @param {{ isWanted?: boolean }} [when]
 * @returns {Answer}
 */
export function useAnswer(document, variables = {}, { isWanted = true } = {}) {
  const key = keyOf(nameOf(document), variables);
  const [state, setState] = useState(() => ({ key: given.has(key) ? key : "", data: answers.get(key), failure: /** @type {Error | null} */ (null) }));
  const controller = useRef(new AbortController());
  const ask = async () => {
    controller.current.abort();
    const { signal } = (controller.current = new AbortController());
    try {
      const data = await graphql(document, variables, signal);
      if (signal.aborted) return;
      keep(key, data);
      setState({ key, data, failure: null });
    } catch (failure) {
      if (!signal.aborted) setState((last) => ({ ...last, key, failure: /** @type {Error} */ (failure) }));
    }
  };
  useEffect(() => {
    if (isWanted && !given.delete(key)) ask();
    return () => controller.current.abort();
  }, [key, isWanted, forgotten.value]);
  const isStale = isWanted && state.key !== key;
  const data = (isStale && answers.get(key)) || state.data;
  return { data, failure: isStale ? null : state.failure, isStale, again: ask };
}

const PAUSE = 120; // milliseconds after the last key

/** A value once nobody has changed it for a moment. @param {string} value */
export function useSettled(value) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
