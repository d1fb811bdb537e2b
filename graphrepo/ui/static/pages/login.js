import { post } from "../lib/api.js";
import { heading, show } from "../lib/dom.js";
import { field, form } from "../parts/form.js";

/**
 * Return the address to go to after signing in: one of this origin, whatever the query says.
 * It is whole, since a path that begins with two slashes would leave the origin once more.
 */
export function destination(next) {
  try {
    const url = new URL(next ?? "/", location.origin);
    if (url.origin === location.origin) return url.href;
  } catch {
    // Not an address at all.
  }
  return "/";
}

export function page(_, query) {
  show("Sign in", heading("Sign in"),
    form("Sign in", [
      field("Login", { name: "login", autocomplete: "username", autocapitalize: "none", spellcheck: "false", autofocus: true }),
      field("Password", { name: "password", type: "password", autocomplete: "current-password" }),
    ], async ({ login, password }) => {
      await post("/api/auth/login", { login, password });
      location.assign(destination(query.get("next")));
    }));
}
