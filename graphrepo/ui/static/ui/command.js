// Commands to copy.

import { announce } from "../lib/a11y.js";
import { recall, remember } from "../lib/memory.js";
import { html, useEffect, useRef, useState } from "../lib/preact.js";

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies a text. The clipboard is closed to pages without TLS: then the text is left selected.
 * @param {{ text: string, label?: string, source?: () => HTMLElement | null }} props
 *   `label` says what is copied: "the command", "the SHA-256"
 */
export function CopyButton({ text, label = "the command", source }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(""), 2500);
    return () => clearTimeout(timer);
  }, [said]);
  useEffect(() => setSaid(""), [text]);
  const act = async () => {
    const isCopied = await copy(text);
    const element = isCopied ? null : source?.();
    if (element) getSelection()?.selectAllChildren(element);
    const word = isCopied ? "Copied" : element ? "Selected" : "Not copied";
    setSaid(word);
    announce(`${word}: ${label}`);
  };
  return html`<button type="button" class="quiet copy" aria-label="Copy ${label}" onClick=${act}>${said || "Copy"}</button>`;
}

/** One line or several to run, with Copy. @param {{ line: string, label?: string }} props */
export function CommandBox({ line, label = "the command" }) {
  /** @type {{ current: HTMLElement | null }} */
  const code = useRef(null);
  return html`<div class="command">
    <pre tabindex="0" role="group" aria-label=${label} ref=${code}><code>${line}</code></pre>
    <${CopyButton} text=${line} label=${label} source=${() => code.current} />
  </div>`;
}

/**
 * The same thing said to several tools; which one is shown is remembered.
 * @param {{ label: string, choices: readonly { tool: string, line: string, note?: any }[] }} props
 */
export function Commands({ label, choices }) {
  const [wanted, setWanted] = useState(recall("tool") ?? "");
  const shown = choices.find(({ tool }) => tool === wanted) ?? choices[0];
  const show = (/** @type {string} */ tool) => {
    setWanted(tool);
    remember("tool", tool);
  };
  return html`<div class="commands" role="group" aria-label=${label}>
    <div class="toggles">
      ${choices.map(({ tool }) => html`<button type="button" class="toggle" aria-pressed=${tool === shown.tool} onClick=${() => show(tool)}>${tool}</button>`)}
    </div>
    <${CommandBox} line=${shown.line} label="the ${shown.tool} command" />
    ${shown.note && html`<p class="muted">${shown.note}</p>`}
  </div>`;
}
