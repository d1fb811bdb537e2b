// Sign in, and back to where one came from.

import { post } from "../lib/api.js";
import { html } from "../lib/preact.js";
import { query, useTitle } from "../lib/router.js";
import { Field, Form } from "../ui/fields.js";

/**
 * Return the address to go to after signing in: one of this origin, whatever the query says.
 * It is whole, since a path that begins with two slashes would leave the origin once more.
 * @param {string} next
 */
export function destination(next) {
  try {
    const url = new URL(next || "/", location.origin);
    if (url.origin === location.origin) return url.href;
  } catch {
    // Not an address at all.
  }
  return "/";
}

export default function SignIn() {
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
