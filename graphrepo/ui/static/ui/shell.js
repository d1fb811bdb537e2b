// The frame of all pages that depends on who is there: the account corner, the footer, the keys.

import { addShortcuts } from "../lib/a11y.js";
import { html, useState } from "../lib/preact.js";
import { address, go, useModule } from "../lib/router.js";
import { activity, session, signInHref, signOut } from "../lib/store.js";
import { choose, chosen, THEMES } from "../lib/theme.js";

const PLACES = [
  { href: "/", word: "Packages", isHere: (/** @type {string} */ path) => path === "/" || path === "/search" },
  { href: "/channels", word: "Channels", isHere: (/** @type {string} */ path) => /^\/channels(\/|$)/.test(path) },
];

/** The links of the top bar; the shell holds the same ones for the first paint. */
export function Places() {
  const { pathname } = address.value;
  return html`${PLACES.map(({ href, word, isHere }) => html`<a href=${href} aria-current=${isHere(pathname) ? "page" : undefined}>${word}</a>`)}`;
}

/** Uploads under way, then who is signed in. */
export function Account() {
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

/** Version, explorer, licences, theme, keys. @param {{ licences: string }} props */
export function Footer({ licences }) {
  const { instance } = session.value;
  const [theme, setTheme] = useState(chosen());
  return html`
    <span>graphrepo ${instance?.version ?? ""}</span>
    <a href="/graphiql">GraphQL explorer</a>
    <a href=${licences}>Licences</a>
    <button type="button" class="plain" onClick=${showKeys}>Keys</button>
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
  const list = useModule(() => import("./keys.js"), isOpen);
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
export function listenForKeys() {
  addShortcuts([
    { key: "/", label: "search", action: search },
    { key: "?", label: "show this list", action: () => showKeys() },
  ]);
}
