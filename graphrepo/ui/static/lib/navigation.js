// How one moves through the pages. The address is a signal, and everything that a view depends on is
// in it; after each move the heading has the focus. Keys, and what screen readers are told.

import { Fragment, html, signal, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";

/**
 * Say something to screen readers, politely.
 * @param {string} text
 */
export function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}

/**
 * Move the focus to the page's heading, or to what the page marks with `data-focus`.
 * Only after the frame and a task: focusing while the page is being laid out leaves it on the body.
 */
export function focusHeading() {
  requestAnimationFrame(() => setTimeout(() => {
    const main = document.getElementById("main");
    /** @type {HTMLElement | null | undefined} */
    const target = main?.querySelector("[data-focus]") ?? main?.querySelector("h1");
    if (!target) return;
    if (target.tagName === "H1") target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }));
}

/**
 * A key and what it does. Without an action, what has the focus listens to it by itself.
 * @typedef {{ key: string, label: string, action?: (event: KeyboardEvent) => void }} Shortcut
 */

/** What works on this page: the list that `?` shows is the list that listens. */
export const shortcuts = signal(/** @type {readonly Shortcut[]} */ ([]));

/** @param {readonly Shortcut[]} wanted */
export function addShortcuts(wanted) {
  shortcuts.value = [...shortcuts.peek(), ...wanted];
  return () => {
    shortcuts.value = shortcuts.peek().filter((known) => !wanted.includes(known));
  };
}

/** @param {EventTarget | null} target */
const isField = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isField(event.target) || document.querySelector("dialog[open]")) return;
  const found = shortcuts.peek().findLast(({ key }) => key === event.key);
  if (!found?.action) return;
  event.preventDefault();
  found.action(event);
});

/** @typedef {Record<string, string>} Params */
/**
 * A page's module. `default` renders it; `identity` names what it shows, so that addresses with
 * the same identity keep the component (default: the path).
 * @typedef {{ default: (props: { params: any }) => any, identity?: (params: any) => string }} PageModule
 */
/** @typedef {() => Promise<PageModule>} Load */
/** @typedef {{ pattern: RegExp, load: Load }} Route */

/** @type {Route[]} */
const routes = [];
/** Scroll positions by history entry. @type {Map<number, number>} */
const positions = new Map();
let entry = history.state?.entry ?? 0;

export const address = signal(new URL(location.href));

/**
 * Add a page: "/channels/:channel/packages/:name/:version?".
 * @param {string} template
 * @param {Load} load
 */
export function route(template, load) {
  const source = template.replace(/\/:(\w+)(\?)?/g, (_, name, optional) => (optional ? `(?:/(?<${name}>[^/]+))?` : `/(?<${name}>[^/]+)`));
  routes.push({ pattern: new RegExp(`^${source}/?$`), load });
}

/** @param {string} pathname @returns {{ load: Load, params: Params } | null} */
function match(pathname) {
  for (const { pattern, load } of routes) {
    const found = pattern.exec(pathname);
    if (found) return { load, params: decoded(found.groups ?? {}) };
  }
  return null;
}

/** @param {Params} groups @returns {Params} */
function decoded(groups) {
  const present = Object.entries(groups).filter(([, value]) => value !== undefined);
  try {
    return Object.fromEntries(present.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return Object.fromEntries(present);
  }
}

/**
 * Go to an address of this site.
 * @param {string} href
 * @param {{ replace?: boolean }} [how]
 */
export function go(href, { replace = false } = {}) {
  const url = new URL(href, location.href);
  if (url.origin !== location.origin || !match(url.pathname)) return location.assign(url);
  positions.set(entry, scrollY);
  if (!replace) entry += 1;
  history[replace ? "replaceState" : "pushState"]({ entry }, "", url);
  address.value = url;
}

/** A value of the address's query, "" where there is none. @param {string} name */
export const query = (name) => address.value.searchParams.get(name) ?? "";

/**
 * Change the query; "" and null remove a name. Replaces the entry unless told to push one.
 * @param {Record<string, string | null>} changes
 * @param {{ push?: boolean }} [how]
 */
export function setQuery(changes, { push = false } = {}) {
  go(withQuery(changes), { replace: !push });
}

/** The address with its query changed, for links. @param {Record<string, string | null>} changes */
export function withQuery(changes) {
  const url = new URL(address.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.pathname + url.search;
}

/** @param {string[]} parts from the narrowest to the widest; the site comes last */
const titled = (parts) => [...parts, "graphrepo"].filter(Boolean).join(" · ");

/** Set the title of a page. @param {...string} parts */
export function useTitle(...parts) {
  const title = titled(parts);
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
}

/** Set the title of what a page shows in its own place: after the page has set its own. @param {...string} parts */
export function useTitleInstead(...parts) {
  const title = titled(parts);
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** @typedef {PageModule & { params: Params, pathname: string, key: string }} Arrival a page that can be shown */

/**
 * The page of an address, once its module is here.
 * @param {string} pathname @param {PageModule} missing what is shown where there is none @returns {Promise<Arrival>}
 */
export async function arriving(pathname, missing) {
  const { load, params } = match(pathname) ?? { load: async () => missing, params: {} };
  const { default: Page, identity } = await load();
  return { default: Page, params, pathname, key: `${routes.findIndex((known) => known.load === load)} ${identity?.(params) ?? pathname}` };
}

/**
 * Show the page of the address. The old page stays until the new one's module is here.
 * @param {{ first: Arrival | null, missing: PageModule, broken: (props: { again: () => void }) => any }} props
 */
export function Outlet({ first, missing, broken: Broken }) {
  const { pathname } = address.value;
  const [shown, setShown] = useState(first);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (shown?.pathname === pathname) return undefined;
    let isWanted = true;
    arriving(pathname, missing).then(
      (found) => isWanted && setShown(found),
      () => isWanted && setShown({ default: () => html`<${Broken} again=${() => setAttempt(attempt + 1)} />`, params: {}, pathname: "", key: `broken ${attempt}` }),
    );
    return () => {
      isWanted = false;
    };
  }, [pathname, attempt]);
  useArrival(shown);
  return shown ? html`<${shown.default} key=${shown.key} params=${shown.params} />` : html`<${Fragment} />`;
}

/**
 * After a page is rendered: the focus on its heading, the scroll where it was. Whoever types into the first page already
 * keeps the focus.
 * @param {Arrival | null} shown
 */
function useArrival(shown) {
  const before = useRef(/** @type {string | null} */ (null));
  useLayoutEffect(() => {
    if (!shown || shown.pathname === before.current) return;
    if (before.current !== null || !isField(document.activeElement)) focusHeading();
    before.current = shown.pathname;
    return restore(positions.get(entry) ?? 0);
  }, [shown]);
}

/** Scroll there as soon as the page is long enough, unless the reader scrolls first. @param {number} top */
function restore(top) {
  scrollTo(0, top);
  if (top === 0) return undefined;
  const observer = new ResizeObserver(() => {
    scrollTo(0, top);
    if (Math.abs(scrollY - top) < 2) stop();
  });
  const stop = () => observer.disconnect();
  observer.observe(document.body);
  for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) addEventListener(event, stop, { once: true, passive: true });
  return stop;
}

/**
 * A part of a page that only some readers need: its module once it is here, null before.
 * @template T
 * @param {() => Promise<T>} load
 * @param {boolean} isWanted
 * @returns {T | null}
 */
export function useModule(load, isWanted) {
  const [module, setModule] = useState(/** @type {T | null} */ (null));
  useEffect(() => {
    if (isWanted && !module) load().then((found) => setModule(() => found), () => {});
  }, [isWanted]);
  return module;
}

/** @param {Event} event @returns {HTMLAnchorElement | null} */
const linkOf = (event) => (event.target instanceof Element ? event.target.closest("a[href]") : null);

/** Take over links and history. */
export function listen() {
  history.scrollRestoration = "manual";
  history.replaceState({ ...history.state, entry }, "");
  if (history.state.top) positions.set(entry, history.state.top);
  addEventListener("popstate", () => {
    positions.set(entry, scrollY);
    entry = history.state?.entry ?? 0;
    address.value = new URL(location.href);
  });
  addEventListener("pagehide", () => history.replaceState({ entry, top: scrollY }, ""));
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || !match(link.pathname) || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    go(link.href, { replace: link.href === location.href });
  });
  // The module of a page is usually here before the click or the key is.
  for (const approach of ["pointerover", "focusin"]) document.addEventListener(approach, (event) => {
    const link = linkOf(event);
    if (link?.origin === location.origin) match(link.pathname)?.load().catch(() => {});
  });
}
