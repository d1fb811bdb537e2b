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

const token = document.getElementById("token");

/** Ask as the key in the bar (kept in this page's memory only), else as whoever is signed in. */
function ask(url, options) {
  const headers = { ...options.headers, "X-Graphrepo-Csrf": "1" };
  const key = token.value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  return fetch(url, { ...options, headers, credentials: key ? "omit" : "same-origin" });
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/api/graphql", fetch: ask }),
    plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
    defaultQuery: FIRST_QUERY,
    shouldPersistHeaders: false,
  }),
);
