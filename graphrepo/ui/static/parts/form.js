import { h } from "../lib/dom.js";
import { failure } from "./notice.js";

/** A labelled field; `attributes` go to its input. */
export const field = (label, attributes) => h("label", {}, label, h("input", { required: true, ...attributes }));

/** A form that hands its values to `submit`, waits, and shows what the server refuses. */
export function form(action, fields, submit) {
  const button = h("button", {}, action);
  const refused = h("div", {});
  const element = h("form", {}, ...fields, refused, button);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    refused.replaceChildren();
    try {
      await submit(Object.fromEntries(new FormData(element)));
    } catch (error) {
      refused.replaceChildren(failure(error));
      element.querySelector("input").focus();
    } finally {
      button.disabled = false;
    }
  });
  return element;
}
