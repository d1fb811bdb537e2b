// A search box whose text is the address's `q`: replaced while typing, an entry of its own on Enter.

import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { query, setQuery } from "../lib/router.js";

const PAUSE = 120; // milliseconds after the last key

/**
 * Enter and the arrow keys lead into the results: every `td.main a` of the page.
 * @param {{ label: string, placeholder: string, takesFocus?: boolean }} props
 */
export function SearchBox({ label, placeholder, takesFocus = false }) {
  const q = query("q");
  const [text, setText] = useState(q);
  const asked = useRef(q);
  useEffect(() => {
    if (q !== asked.current) setText(q);
    asked.current = q;
  }, [q]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === asked.current) return undefined;
    const timer = setTimeout(() => {
      asked.current = wanted;
      setQuery({ q: wanted, page: null });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  const press = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && text) {
      event.preventDefault();
      setText("");
    } else if (event.key === "ArrowDown" && move(1)) event.preventDefault();
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    asked.current = text.trim();
    setQuery({ q: asked.current, page: null }, { push: true });
    results()[0]?.focus();
  };
  return html`<form role="search" class="search" onSubmit=${submit}>
    <input type="search" name="q" aria-label=${label} placeholder=${placeholder} value=${text} autocomplete="off" autocapitalize="none"
      spellcheck=${false} data-focus=${takesFocus || undefined} onKeyDown=${press}
      onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
    <kbd aria-hidden="true">/</kbd>
  </form>`;
}

/** @returns {HTMLElement[]} */
const results = () => [...document.querySelectorAll("#main td.main a")].filter((link) => link instanceof HTMLElement);

/** Move the focus through the results; -1 from the first goes back to the box. @param {number} step */
function move(step) {
  const links = results();
  const at = links.findIndex((link) => link === document.activeElement);
  /** @type {HTMLElement | null} */
  const box = document.querySelector("#main input[type=search]");
  const target = at + step < 0 ? box : links[at + step];
  target?.focus();
  return Boolean(target);
}

document.addEventListener("keydown", (event) => {
  const isResult = results().some((link) => link === event.target);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (isResult && step && move(step)) event.preventDefault();
});
