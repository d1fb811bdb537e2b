// Boot GraphiQL from this server's own files (window.React, ReactDOM, GraphiQL, GraphiQLPluginExplorer).

const { React, ReactDOM, GraphiQL, GraphiQLPluginExplorer } = window;

const FIRST_QUERY = `# Ctrl+Enter runs the operation under the cursor.
# Left: the documentation, the history and the explorer.
query Channels {
  channels(limit: 10) {
    totalCount
    page {
      name
      description
      isPublic
    }
  }
}
`;

const ADDRESS = "/api/graphql";
const token = document.getElementById("token");

/** Ask as the key in the bar (kept in this page's memory only), else as whoever is signed in. */
function ask(url, options) {
  const headers = { ...options.headers, "X-Graphrepo-Csrf": "1" };
  const key = token.value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  return fetch(url, { ...options, headers, credentials: key ? "omit" : "same-origin" });
}

/** Follow a subscription by server-sent events: an async iterable of results that can be stopped. */
function follow(operation, headers) {
  const stop = new AbortController();
  const results = read(operation, headers, stop.signal);
  return {
    [Symbol.asyncIterator]() { return this; },
    next: () => results.next(),
    return() {
      stop.abort(); // a generator's own return would wait for the next event
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}

async function* read(operation, given, signal) {
  const headers = { ...given, "Content-Type": "application/json", Accept: "text/event-stream" };
  try {
    const answer = await ask(ADDRESS, { method: "POST", signal, headers, body: JSON.stringify(operation) });
    if (!answer.ok) throw new Error(await answer.text());
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split("\n\n");
      text = events.pop(); // not complete yet
      for (const event of events) {
        const data = /^event: next\ndata: (.*)$/.exec(event);
        if (data) yield JSON.parse(data[1]);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const OPERATION = /^\s*(query|mutation|subscription)\b\s*(\w*)/gm;

/** Whether the operation that is to run is a subscription. GraphiQL's parsed document may lag behind its text. */
function isSubscription({ query, operationName }) {
  return [...query.matchAll(OPERATION)].some(
    ([, kind, name]) => kind === "subscription" && (!operationName || name === operationName),
  );
}

const fetchOnce = GraphiQL.createFetcher({ url: ADDRESS, fetch: ask });

function fetcher(operation, options) {
  return isSubscription(operation) ? follow(operation, options?.headers) : fetchOnce(operation, options);
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
    defaultQuery: FIRST_QUERY,
    shouldPersistHeaders: false,
  }),
);
