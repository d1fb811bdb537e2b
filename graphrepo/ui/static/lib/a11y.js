// Focus, announcements and keys.

import { signal, useEffect } from "./preact.js";

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

/** @typedef {{ key: string, label: string, action: (event: KeyboardEvent) => void }} Shortcut */

/** What works on this page: the list that `?` shows is the list that listens. */
export const shortcuts = signal(/** @type {readonly Shortcut[]} */ ([]));

/** @param {readonly Shortcut[]} wanted */
export function addShortcuts(wanted) {
  shortcuts.value = [...shortcuts.peek(), ...wanted];
  return () => {
    shortcuts.value = shortcuts.peek().filter((known) => !wanted.includes(known));
  };
}

/**
 * Let single keys act while this component is on the page and no field has the focus.
 * @param {readonly Shortcut[]} wanted the same keys at every rendering
 */
export function useShortcuts(wanted) {
  useEffect(() => addShortcuts(wanted), []);
}

/** @param {EventTarget | null} target */
const isField = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isField(event.target) || document.querySelector("dialog[open]")) return;
  const found = shortcuts.peek().findLast(({ key }) => key === event.key);
  if (!found) return;
  event.preventDefault();
  found.action(event);
});
