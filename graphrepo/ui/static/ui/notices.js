// Sentences in place of a region: what happened and what to do.

import { Failure } from "../lib/api.js";
import { focusHeading } from "../lib/a11y.js";
import { html, useEffect } from "../lib/preact.js";
import { useTitle } from "../lib/router.js";
import { session, signInHref } from "../lib/store.js";

/** A sentence that stands out. @param {{ kind?: "bad" | "warn" | "ok" | "", children?: any }} props */
export const Notice = ({ kind = "", children }) =>
  html`<div class="notice ${kind}" role=${kind === "bad" ? "alert" : undefined}>${children}</div>`;

/** Nothing is here yet, and how to change that. @param {{ children?: any }} props */
export const Empty = ({ children }) => html`<div class="empty">${children}</div>`;

/** What the server or the network refused. @param {{ failure: Error, again?: () => void }} props */
export function Failed({ failure, again }) {
  if (!(failure instanceof Failure)) console.error(failure);
  const mustSignIn = failure instanceof Failure && failure.code === "not_authenticated";
  return html`<${Notice} kind="bad">
    <p>${failure.message}</p>
    ${mustSignIn && html`<a class="button quiet" href=${signInHref()}>Sign in</a>`}
    ${again && !mustSignIn && html`<button type="button" class="quiet" onClick=${again}>Try again</button>`}
  </${Notice}>`;
}

/**
 * A part of a page that waits for an answer: the content of before stays, a little fainter;
 * without one there is calm space, and after a while a word.
 * @param {{ answer: import("../lib/store.js").Answer, label?: string, children: (data: any) => any }} props
 */
export function Region({ answer, label = "Loading", children }) {
  const { data, failure, isStale, again } = answer;
  if (data === undefined && failure) return html`<${Failed} failure=${failure} again=${again} />`;
  if (data === undefined) return html`<div class="waiting" aria-busy="true"><p>${label}</p></div>`;
  return html`
    ${failure && html`<${Failed} failure=${failure} again=${again} />`}
    <div class="region ${isStale ? "stale" : ""}" aria-busy=${isStale}>${children(data)}</div>`;
}

/** A page that is not there. Private and missing read the same to those who may not know. */
export function Missing() {
  useTitle("Not found");
  useEffect(focusHeading, []);
  return html`<div class="page narrow">
    <h1>There is no page here, or you may not see it</h1>
    <p>${!session.value.viewer && html`<a href=${signInHref()}>Sign in</a>${" or "}`}go to the <a href="/">packages</a>.</p>
  </div>`;
}

/** A page that the viewer may see and not use. @param {{ title: string, children?: any }} props */
export function Denied({ title, children }) {
  useTitle(title);
  const { viewer } = session.value;
  return html`<div class="page narrow">
    <h1>${title}</h1>
    <p>${children}</p>
    ${viewer === null && html`<p><a class="button" href=${signInHref()}>Sign in</a></p>`}
  </div>`;
}

/** A page whose own files could not be loaded. @param {{ again: () => void }} props */
export function Broken({ again }) {
  useTitle("Not loaded");
  return html`<div class="page narrow">
    <h1>This page could not be loaded</h1>
    <p>The connection may be gone, or the server was updated. Nothing that you sent is lost.</p>
    <p class="actions"><button type="button" onClick=${again}>Try again</button>
      <button type="button" class="quiet" onClick=${() => location.reload()}>Reload</button></p>
  </div>`;
}
