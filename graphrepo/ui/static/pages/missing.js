import { h, heading, show } from "../lib/dom.js";

/** Private and missing read the same to those who may not know the difference. */
export function page() {
  const here = encodeURIComponent(location.pathname);
  show("Not found",
    heading("There is no page here, or you may not see it"),
    h("p", {}, h("a", { href: `/login?next=${here}` }, "Sign in"), " or go to the ", h("a", { href: "/" }, "channels"), "."));
}
