// Forms and dialogs: labels, hints, errors beside their cause, and the second look before something
// is taken away.

import { query, setQuery, shortcuts } from "../lib/navigation.js";
import { html, useEffect, useId, useRef, useState } from "../lib/preact.js";
import { Failed } from "./parts.js";

/** For names and the like, which no browser should complete or correct. */
export const PLAIN = { autocomplete: "off", autocapitalize: "none", spellcheck: false };

/**
 * A labelled input. Everything else goes to the input: name, type, required, autocomplete, …
 * @param {{ label: string, hint?: any, error?: string, onValue?: (value: string) => void, children?: any } & Record<string, any>} props
 */
export function Field({ label, hint, error, onValue, children, ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const input = { id, "aria-describedby": described, "aria-invalid": error ? "true" : undefined, onInput: onValue && listener(onValue), ...rest };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children ? children(input) : html`<input ...${input} />`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${error && html`<p class="error" id="${id}-error">${error}</p>`}
  </div>`;
}

/** A field whose text narrows a list down, in the address once it is entered. @param {{ name: string, label: string }} props */
export function FilterField({ name, label }) {
  const wanted = query(name);
  const [text, setText] = useState(wanted);
  useEffect(() => setText(wanted), [wanted]);
  return html`<${Field} label=${label} value=${text} onValue=${setText} ...${PLAIN}
    onChange=${(/** @type {any} */ event) => setQuery({ [name]: event.currentTarget.value.trim(), page: null })} />`;
}

/** @param {(value: string) => void} onValue */
const listener = (onValue) => (/** @type {any} */ event) => onValue(event.currentTarget.value);

/** @param {Record<string, any>} props as Field */
export const TextArea = (props) => html`<${Field} ...${props}>${(/** @type {any} */ { value, ...input }) => html`<textarea rows="4" value=${value} ...${input}></textarea>`}</${Field}>`;

/**
 * @param {{ options: readonly (readonly [value: string, label: string])[] } & Record<string, any>} props as Field
 */
export function Select({ options, value, ...props }) {
  return html`<${Field} ...${props}>${(/** @type {any} */ input) => html`<select ...${input}>
    ${options.map(([key, label]) => html`<option value=${key} selected=${key === value}>${label}</option>`)}
  </select>`}</${Field}>`;
}

/** @param {{ label: any, hint?: any } & Record<string, any>} props the rest goes to the input */
export function Checkbox({ label, hint, ...rest }) {
  const id = useId();
  return html`<div class="field check">
    <input type="checkbox" id=${id} aria-describedby=${hint ? `${id}-hint` : undefined} ...${rest} />
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/**
 * A form that hands its values to `onSubmit`, waits, and shows what is refused. While it waits
 * it cannot be sent twice; what was typed stays.
 * @param {{
 *   action: string, onSubmit: (values: Record<string, string>) => Promise<void>, onCancel?: () => void,
 *   isReady?: boolean, isDangerous?: boolean, children?: any,
 * }} props
 */
export function Form({ action, onSubmit, onCancel, isReady = true, isDangerous = false, children }) {
  const [failure, setFailure] = useState(/** @type {Error | null} */ (null));
  const [isBusy, setBusy] = useState(false);
  /** @type {{ current: HTMLFormElement | null }} */
  const form = useRef(null);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isBusy || !isReady || !form.current || !isValid(form.current)) return;
    setBusy(true);
    setFailure(null);
    try {
      await onSubmit(/** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form.current))));
    } catch (error) {
      setFailure(/** @type {Error} */ (error));
      focusFirst(form.current);
    } finally {
      setBusy(false);
    }
  };
  return html`<form ref=${form} onSubmit=${submit} aria-busy=${isBusy}>
    ${children}
    ${failure && html`<${Failed} failure=${failure} />`}
    <div class="actions">
      <button class=${isDangerous ? "danger" : ""} disabled=${isBusy || !isReady}>${action}</button>
      ${onCancel && html`<button type="button" class="quiet" onClick=${onCancel}>Cancel</button>`}
    </div>
  </form>`;
}

/** @param {HTMLFormElement | null} form the first bad field, else the first */
function focusFirst(form) {
  /** @type {HTMLElement | null | undefined} */
  const field = form?.querySelector("[aria-invalid=true]") ?? form?.querySelector("input, textarea, select");
  field?.focus();
}

/** The browser names what is missing, and focuses it; our own errors go to their field. @param {HTMLFormElement} form */
function isValid(form) {
  if (!form.reportValidity()) return false;
  if (!form.querySelector("[aria-invalid=true]")) return true;
  focusFirst(form);
  return false;
}

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
      ${typed && html`<${Field} label="Type ${typed} to confirm" name="typed" value=${name} onValue=${setName} ...${PLAIN} />`}
    </${Form}>
  </${Dialog}>`;
}

/** @param {{ onClose: () => void }} props */
export const Keys = ({ onClose }) => html`<${Dialog} title="Keys on this page" onClose=${onClose}>
  <dl class="keys">${shortcuts.value.map(({ key, label }) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${label}</dd></div>`)}</dl>
  <form method="dialog" class="actions"><button>Close</button></form>
</${Dialog}>`;
