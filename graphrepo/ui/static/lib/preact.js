// The libraries, named here alone. The built file lies without their types, which therefore come
// from the packages.

import { hooks as builtHooks, htm as builtHtm, preact as builtPreact, signals as builtSignals } from "../../vendor/preact.js";

/** @typedef {import("preact").ComponentChildren} Children */
/** @typedef {import("preact").VNode<any>} VNode */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

const preact = /** @type {typeof import("preact")} */ (/** @type {unknown} */ (builtPreact));
const hooks = /** @type {typeof import("preact/hooks")} */ (/** @type {unknown} */ (builtHooks));
const signals = /** @type {typeof import("@preact/signals")} */ (/** @type {unknown} */ (builtSignals));
const htm = /** @type {typeof import("htm").default} */ (/** @type {unknown} */ (builtHtm.default));

export const { Fragment, h, render } = preact;
export const { useEffect, useId, useLayoutEffect, useRef, useState } = hooks;
export const { signal } = signals;

/** Markup as a tagged template; it knows no entities, so write the character itself. */
export const html = /** @type {(strings: TemplateStringsArray, ...values: any[]) => VNode} */ (htm.bind(h));
