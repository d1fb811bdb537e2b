// The two ways to the server: GraphQL, and JSON posts for signing in and out.
// X-Graphrepo-Csrf proves that a request under the session cookie comes from our own page:
// another origin cannot set it without asking first.

/** What the server refused, in its own sentence. */
export class Failure extends Error {
  constructor(sentence, code = "") {
    super(sentence);
    this.code = code;
  }
}

const CUT_OFF = "The server could not be reached. Check the connection and try again.";

async function send(path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-Graphrepo-Csrf": "1", ...headers },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Failure(CUT_OFF);
  }
  return response;
}

/** Read an answer: its JSON if it is any, else its text as the sentence. */
async function read(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return { message: text.slice(0, 512) };
  }
}

/** Post JSON and return the answer; throws a Failure with the server's sentence. */
export async function post(path, body) {
  const response = await send(path, body);
  const answer = await read(response);
  if (response.ok) return answer;
  throw new Failure(sentence(answer) || `The server answered ${response.status}. Try again.`, answer.code);
}

function sentence(answer) {
  return [answer.message, answer.detail, answer.error].find((text) => typeof text === "string" && text);
}

/** Run a GraphQL operation and return its data; throws a Failure with the first error's sentence. */
export async function graphql(query, variables = {}) {
  const response = await send("/api/graphql", { query, variables });
  const answer = await read(response);
  const [error] = answer.errors ?? [];
  if (error) throw new Failure(error.message, error.extensions?.code);
  if (answer.data) return answer.data;
  throw new Failure(sentence(answer) || "The server could not answer. Try again.");
}
