// Boot: the address picks a page module, the viewer fills the account corner.

import { graphql, post } from "./lib/api.js";
import { h, heading, show } from "./lib/dom.js";
import { failure } from "./parts/notice.js";

const ROUTES = [
  [/^\/$/, () => import("./pages/home.js")],
  [/^\/setup\/?$/, () => import("./pages/setup.js")],
  [/^\/login\/?$/, () => import("./pages/login.js")],
  [/^\/channels\/(?<name>[^/]+)\/?$/, () => import("./pages/channel.js")],
];

async function openPage() {
  for (const [pattern, load] of ROUTES) {
    const found = pattern.exec(location.pathname);
    if (!found) continue;
    const { page } = await load();
    const name = decodeURIComponent(found.groups?.name ?? "");
    return page({ name }, new URLSearchParams(location.search));
  }
  const { page } = await import("./pages/missing.js");
  return page();
}

async function showAccount() {
  const corner = document.getElementById("account");
  const { viewer } = await graphql("query Viewer { viewer { login } }");
  if (viewer) {
    corner.replaceChildren(h("span", {}, viewer.login), h("button", { class: "quiet", onclick: signOut }, "Sign out"));
  } else if (location.pathname !== "/login" && location.pathname !== "/setup") {
    const next = encodeURIComponent(location.pathname + location.search);
    corner.replaceChildren(h("a", { href: `/login?next=${next}` }, "Sign in"));
  }
}

async function signOut() {
  try {
    await post("/api/auth/logout", {});
    location.assign("/");
  } catch (error) {
    document.getElementById("main").prepend(failure(error));
  }
}

for (const link of document.querySelectorAll(".bar nav a")) {
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
}
// The corner stays empty when the server cannot answer: the page itself says so.
showAccount().catch(() => {});
openPage().catch((error) => show("graphrepo", heading("graphrepo"), failure(error)));
