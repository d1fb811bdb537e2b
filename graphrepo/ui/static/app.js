// Boot: the frame, the pages and their addresses. Each page is a module, loaded when it is needed.

import { html, render } from "./lib/preact.js";
import { listen, Outlet, route } from "./lib/router.js";
import { loadSession } from "./lib/store.js";
import { Broken } from "./ui/notices.js";
import { Account, Footer, listenForKeys, Places } from "./ui/shell.js";

const home = () => import("./pages/home.js");
route("/", home);
route("/search", home);
route("/setup", () => import("./pages/setup.js"));
route("/login", () => import("./pages/signin.js"));
route("/channels", () => import("./pages/channels.js"));
route("/channels/:channel", () => import("./pages/channel.js"));
route("/admin/:part?", () => import("./pages/admin.js"));
route("/account", () => import("./pages/account.js"));
route("/channels/:channel/settings", () => import("./pages/settings.js"));
route("/account/keys", () => import("./pages/keys.js"));
route("/channels/:channel/members", () => import("./pages/members.js"));
route("/account/new-channel", () => import("./pages/newchannel.js"));
route("/channels/:channel/upload", () => import("./pages/upload.js"));
route("/channels/:channel/packages/:name/files", () => import("./pages/files.js"));
route("/channels/:channel/packages/:name/:version?", () => import("./pages/package.js"));

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const licences = place("licences").getAttribute("href");
const missing = () => import("./pages/missing.js");
listen();
listenForKeys();
for (const id of ["places", "account", "footer", "main"]) place(id).replaceChildren();
render(html`<${Places} />`, place("places"));
render(html`<${Account} />`, place("account"));
render(html`<${Footer} licences=${licences} />`, place("footer"));
render(html`<${Outlet} missing=${missing} broken=${Broken} />`, place("main"));
loadSession();
