import { h } from "../lib/dom.js";

/** A command line with its tool's name and a button that copies it. */
export function command(tool, line) {
  const code = h("code", { tabindex: "0" }, line);
  const button = h("button", { type: "button", class: "quiet", "aria-label": `Copy the ${tool} command` }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = (await copy(line)) ? "Copied" : select(code);
  });
  return h("div", { class: "command" }, h("span", { class: "tool" }, tool), code, button);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// The clipboard is closed to pages without TLS: leave the line selected for Ctrl+C.
function select(element) {
  getSelection().selectAllChildren(element);
  return "Selected";
}
