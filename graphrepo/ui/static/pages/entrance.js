// Sign in, and back to where one came from; and the first administrator, by the link that the server
// printed.

import { query, setQuery, useTitle } from "../lib/navigation.js";
import { html, useEffect, useState } from "../lib/preact.js";
import { post } from "../lib/server.js";
import { Field, Form } from "../ui/forms.js";
import { Notice } from "../ui/parts.js";

/**
 * Return the address to go to after signing in: one of this origin, whatever the query says.
 * It is whole, since a path that begins with two slashes would leave the origin once more.
 * @param {string} next
 */
export function destination(next) {
  try {
    const url = new URL(next || "/", location.origin);
    // A blob: has the origin of whoever made it.
    if (url.origin === location.origin && url.protocol === location.protocol) return url.href;
  } catch {
    // Not an address at all.
  }
  return "/";
}

export function SignIn() {
  useTitle("Sign in");
  const submit = async (/** @type {Record<string, string>} */ { login, password }) => {
    await post("/api/auth/login", { login, password });
    location.assign(destination(query("next")));
  };
  return html`<div class="page form">
    <h1>Sign in</h1>
    <${Form} action="Sign in" onSubmit=${submit}>
      <${Field} label="Login" name="login" required autocomplete="username" autocapitalize="none" spellcheck=${false} data-focus />
      <${Field} label="Password" name="password" type="password" required autocomplete="current-password" />
    </${Form}>
  </div>`;
}

export function Setup() {
  useTitle("Setup");
  const [token] = useState(query("token"));
  // The token has done its work in the address bar: keep it out of history and screenshots.
  useEffect(() => setQuery({ token: null }), []);
  const submit = async (/** @type {Record<string, string>} */ { login, password }) => {
    await post("/api/auth/setup", { token, login, password });
    location.assign("/");
  };
  return html`<div class="page form">
    <h1>Set up graphrepo</h1>
    ${token
      ? html`<p class="muted">Create the first administrator. This works once.</p>
        <${Form} action="Create administrator" onSubmit=${submit}>
          <${Field} label="Login" name="login" required autocomplete="username" autocapitalize="none" spellcheck=${false} />
          <${Field} label="Password" name="password" type="password" required autocomplete="new-password" />
        </${Form}>`
      : html`<${Notice} kind="bad">This address lacks its token: open the whole link that the server printed when it started.</${Notice}>`}
  </div>`;
}
