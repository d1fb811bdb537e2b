// Boot: the frame, the pages and their addresses. Each page is a module, loaded when it is needed.

import { address, addShortcuts, arriving, go, listen, Outlet, route, useModule } from "./lib/navigation.js";
import { html, render, useState } from "./lib/preact.js";
import { activity, loadSession, session, signInHref, signOut } from "./lib/server.js";
import { Broken, Missing } from "./ui/parts.js";

/** One of several pages that a module holds. @param {() => Promise<any>} load @param {string} name */
const named = (load, name) => async () => ({ default: (await load())[name] });

/** Address -> the module of its page. @type {Record<string, () => Promise<import("./lib/navigation.js").PageModule>>} */
const PAGES = {
  "/": () => import("./pages/home.js"),
  "/search": () => import("./pages/home.js"),
  "/setup": named(() => import("./pages/entrance.js"), "Setup"),
  "/login": named(() => import("./pages/entrance.js"), "SignIn"),
  "/account": () => import("./pages/account.js"),
  "/account/keys": () => import("./pages/keys.js"),
  "/account/new-channel": () => import("./pages/newchannel.js"),
  "/admin": named(() => import("./pages/admin.js"), "Users"),
  "/admin/channels": named(() => import("./pages/admin.js"), "AllChannels"),
  "/admin/jobs": named(() => import("./pages/oversight.js"), "Jobs"),
  "/admin/quarantine": named(() => import("./pages/oversight.js"), "Quarantine"),
  "/admin/log": () => import("./pages/log.js"),
  "/channels": () => import("./pages/channels.js"),
  "/channels/:channel": () => import("./pages/channel.js"),
  "/channels/:channel/upload": () => import("./pages/upload.js"),
  "/channels/:channel/members": () => import("./pages/members.js"),
  "/channels/:channel/publishers": () => import("./pages/publishers.js"),
  "/channels/:channel/settings": () => import("./pages/settings.js"),
  "/channels/:channel/packages/:name/files": () => import("./pages/files.js"),
  "/channels/:channel/packages/:name/:version?": () => import("./pages/package.js"),
};
for (const [template, load] of Object.entries(PAGES)) route(template, load);

const PLACES = [
  { href: "/", word: "Packages", isHere: (/** @type {string} */ path) => path === "/" || path === "/search" },
  { href: "/channels", word: "Channels", isHere: (/** @type {string} */ path) => /^\/channels(\/|$)/.test(path) },
];

/** The links of the top bar; the shell holds the same ones for the first paint. */
function Places() {
  const { pathname } = address.value;
  return html`${PLACES.map(({ href, word, isHere }) => html`<a href=${href} aria-current=${isHere(pathname) ? "page" : undefined}>${word}</a>`)}`;
}

/** Uploads under way, then who is signed in. */
function Account() {
  const { viewer } = session.value;
  const { pathname } = address.value;
  const sending = activity.value;
  return html`
    ${sending && html`<a class="sending" href=${sending.href}>${sending.done} of ${sending.total}</a>`}
    ${viewer === null && pathname !== "/login" && html`<a href=${signInHref()}>Sign in</a>`}
    ${viewer?.isAdmin && html`<a href="/admin" aria-current=${pathname.startsWith("/admin") ? "page" : undefined}>Admin</a>`}
    ${viewer && html`<a href="/account" aria-current=${pathname.startsWith("/account") ? "page" : undefined}>${viewer.login}</a>
      <button type="button" class="plain" onClick=${signOut}>Sign out</button>`}`;
}

const THEMES = ["system", "light", "dark"];
const YEAR = 31_536_000; // seconds

/** What the reader chose. */
const chosen = () => document.documentElement.dataset.theme ?? "system";

/**
 * The system's wish holds, unless the reader says otherwise; the stylesheet follows `data-theme`. It is kept in a
 * cookie, so that the server writes it into the page and the first paint waits for no script.
 * @param {string} theme
 */
function choose(theme) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme === "system" ? 0 : YEAR}; samesite=lax`;
}

/** Version, explorer, licences, theme, keys. @param {{ licences: string }} props */
function Footer({ licences }) {
  const { instance } = session.value;
  const [theme, setTheme] = useState(chosen());
  return html`
    <span>graphrepo ${instance?.version ?? ""}</span>
    <a href="/graphiql">GraphQL explorer</a>
    <a href=${licences}>Licences</a>
    <button type="button" class="plain" onClick=${() => showKeys()}>Keyboard</button>
    <label class="theme">Theme
      <select onChange=${(/** @type {any} */ event) => {
        setTheme(event.currentTarget.value);
        choose(event.currentTarget.value);
      }}>
        ${THEMES.map((name) => html`<option value=${name} selected=${name === theme}>${name}</option>`)}
      </select>
    </label>
    <${Keys} />`;
}

/** @type {() => void} */
let showKeys = () => {};

/** The list of keys, once somebody asks for it. */
function Keys() {
  const [isOpen, setOpen] = useState(false);
  const list = useModule(() => import("./ui/forms.js"), isOpen);
  showKeys = () => setOpen(true);
  return isOpen && list ? html`<${list.Keys} onClose=${() => setOpen(false)} />` : null;
}

/** To the search box of this page, or to the page that has one. */
function search() {
  /** @type {HTMLElement | null} */
  const box = document.querySelector("main input[type=search]");
  if (box) box.focus();
  else go("/");
}

/** Keys that work on every page. */
function listenForKeys() {
  addShortcuts([
    { key: "/", label: "search", action: search },
    { key: "?", label: "show this list", action: () => showKeys() },
  ]);
}

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const licences = place("licences").getAttribute("href");
const missing = { default: Missing };
listen();
listenForKeys();
place("footer").replaceChildren();
render(html`<${Places} />`, place("places"));
render(html`<${Account} />`, place("account"));
render(html`<${Footer} licences=${licences} />`, place("footer"));
loadSession();
// What the server has drawn of the page stays until its module is here, and then becomes part of it.
const first = await arriving(location.pathname, missing).catch(() => null);
render(html`<${Outlet} first=${first} missing=${missing} broken=${Broken} />`, place("main"));
