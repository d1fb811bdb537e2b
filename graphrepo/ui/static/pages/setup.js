import { post } from "../lib/api.js";
import { h, heading, show } from "../lib/dom.js";
import { field, form } from "../parts/form.js";
import { notice } from "../parts/notice.js";

export function page(_, query) {
  const token = query.get("token");
  if (!token) {
    return show("Setup", heading("Set up graphrepo"),
      notice("This address lacks its token: open the whole link that the server printed when it started."));
  }
  // The token has done its work in the address bar: keep it out of history and screenshots.
  history.replaceState(null, "", location.pathname);
  show("Setup", heading("Set up graphrepo"),
    h("p", { class: "muted" }, "Create the first administrator. This works once."),
    form("Create administrator", [
      field("Login", { name: "login", autocomplete: "username", autocapitalize: "none", spellcheck: "false" }),
      field("Password", { name: "password", type: "password", autocomplete: "new-password" }),
    ], async ({ login, password }) => {
      await post("/api/auth/setup", { token, login, password });
      location.assign("/");
    }));
}
