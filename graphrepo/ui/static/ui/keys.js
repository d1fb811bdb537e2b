// The list of keys that work on this page, which `?` opens.

import { shortcuts } from "../lib/a11y.js";
import { html } from "../lib/preact.js";
import { Dialog } from "./dialog.js";

/** @param {{ onClose: () => void }} props */
export const Keys = ({ onClose }) => html`<${Dialog} title="Keys on this page" onClose=${onClose}>
  <dl class="keys">${shortcuts.value.map(({ key, label }) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${label}</dd></div>`)}</dl>
  <form method="dialog"><button>Close</button></form>
</${Dialog}>`;
