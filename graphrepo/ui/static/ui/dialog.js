// Dialogs: the native element, and the second look before something is taken away.

import { html, useEffect, useId, useRef, useState } from "../lib/preact.js";
import { Field, Form } from "./fields.js";

/**
 * A modal dialog that is open as long as it is rendered; `onClose` is called on Escape too.
 * @param {{ title: string, onClose: () => void, children?: any }} props
 */
export function Dialog({ title, onClose, children }) {
  /** @type {{ current: HTMLDialogElement | null }} */
  const element = useRef(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    element.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return html`<dialog ref=${element} aria-labelledby=${id} onClose=${onClose}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}

/**
 * Ask once more before something is taken away.
 * @param {{
 *   title: string, action: string, children?: any,
 *   typed?: string, reason?: boolean, isDangerous?: boolean,
 *   onConfirm: (values: { reason: string }) => Promise<void>, onClose: () => void,
 * }} props `typed` is the name to type; `reason` asks for a sentence why; `children` tell the
 *   consequences in numbers. `onConfirm` closes by itself when it succeeds; a Failure is shown.
 */
export function Confirm({ title, action, children, typed, reason, isDangerous, onConfirm, onClose }) {
  const [name, setName] = useState("");
  const submit = async (/** @type {Record<string, string>} */ values) => {
    await onConfirm({ reason: values.reason ?? "" });
    onClose();
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    ${children}
    <${Form} action=${action} isDangerous=${isDangerous} isReady=${!typed || name === typed} onSubmit=${submit} onCancel=${onClose}>
      ${reason && html`<${Field} label="Reason" name="reason" required maxlength="500" hint="Everyone who looks at the package reads it." />`}
      ${typed && html`<${Field} label="Type ${typed} to confirm" name="typed" value=${name} onValue=${setName} autocomplete="off" spellcheck=${false} autocapitalize="none" />`}
    </${Form}>
  </${Dialog}>`;
}
