// Withdraw, offer again, delete: what those who may do to files, with a second look.

import { several } from "../lib/facts.js";
import { announce } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { forget, graphql } from "../lib/server.js";
import { Confirm } from "./forms.js";
import { mayManage, mayUpload } from "./parts.js";

const YANK = `mutation Withdraw($channel: String!, $entries: [PackageVariantInput!]!, $reason: String!) {
  batchYankPackageVariants(channelName: $channel, entries: $entries, reason: $reason)
}`;
const UNYANK = `mutation OfferAgain($channel: String!, $entries: [PackageVariantInput!]!) {
  batchUnyankPackageVariants(channelName: $channel, entries: $entries)
}`;
const DELETE = `mutation DeleteFiles($channel: String!, $entries: [PackageVariantInput!]!) {
  batchDeletePackageVariants(channelName: $channel, entries: $entries)
}`;

/** @typedef {{ platform: string, filename: string, yankedReason: string | null }} File */

/**
 * @param {{
 *   channel: string, role: import("./parts.js").Role, name: string, what: string,
 *   files: readonly File[], users?: number, onDone: (deleted: boolean) => void,
 * }} props `name` is typed before more than one file is deleted; `what` says what the files are:
 *   "arrow 3.0.7", "these files"; so many `users` depend on the package
 */
export function Curation({ channel, role, name, what, files, users = 0, onDone }) {
  const [asked, setAsked] = useState(/** @type {"" | "withdraw" | "again" | "delete"} */ (""));
  if (!mayUpload(role) || !files.length) return null;
  const offered = files.filter(({ yankedReason }) => yankedReason === null);
  const withdrawn = files.filter(({ yankedReason }) => yankedReason !== null);
  const run = async (/** @type {string} */ mutation, /** @type {readonly File[]} */ chosen, /** @type {object} */ more, /** @type {string} */ done) => {
    const entries = chosen.map(({ platform, filename }) => ({ subdir: platform, filename }));
    await graphql(mutation, { channel, entries, ...more });
    forget();
    announce(`${several(chosen.length, "file")} ${done}`);
    onDone(mutation === DELETE);
  };
  const close = () => setAsked("");
  return html`<div class="actions texts">
    ${offered.length > 0 && html`<button type="button" class="quiet" onClick=${() => setAsked("withdraw")}>Withdraw ${what}</button>`}
    ${withdrawn.length > 0 && html`<button type="button" class="quiet" onClick=${() => setAsked("again")}>Offer ${what} again</button>`}
    ${mayManage(role) && html`<button type="button" class="quiet danger" onClick=${() => setAsked("delete")}>Delete ${what}</button>`}
    ${asked === "withdraw" && html`<${Confirm} title="Withdraw ${what}?" action="Withdraw" reason=${true} onClose=${close}
      onConfirm=${(/** @type {{ reason: string }} */ { reason }) => run(YANK, offered, { reason }, "withdrawn")}>
      <p>${several(offered.length, "file")} will no longer be chosen for new environments. Those that name the exact file still get it. This can be undone.</p>
    </${Confirm}>`}
    ${asked === "again" && html`<${Confirm} title="Offer ${what} again?" action="Offer again" onClose=${close} onConfirm=${() => run(UNYANK, withdrawn, {}, "offered again")}>
      <p>${several(withdrawn.length, "file")} can be chosen for new environments again.</p>
    </${Confirm}>`}
    ${asked === "delete" && html`<${Confirm} title="Delete ${what}?" action="Delete" isDangerous=${true} typed=${files.length > 1 ? name : undefined} onClose=${close}
      onConfirm=${() => run(DELETE, files, {}, "deleted")}>
      ${users > 0 && html`<p>${several(users, "package")} here ${users === 1 ? "depends" : "depend"} on ${name}.</p>`}
      <p>${files.length === 1 ? "1 file goes" : `${several(files.length, "file")} go`}, for good. Environments that pin ${files.length === 1 ? "it" : "them"} will fail to solve.${offered.length ? " To take it back later, withdraw instead." : ""}</p>
    </${Confirm}>`}
  </div>`;
}
