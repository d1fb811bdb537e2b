// The first administrator, by the link that the server printed.

import { post } from "../lib/api.js";
import { html, useEffect, useState } from "../lib/preact.js";
import { query, setQuery, useTitle } from "../lib/router.js";
import { Field, Form } from "../ui/fields.js";
import { Notice } from "../ui/notices.js";

export default function Setup() {
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
