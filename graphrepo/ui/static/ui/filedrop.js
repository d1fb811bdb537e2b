// Files from a drop anywhere on the page, from the clipboard, or chosen; folders with all below.

import { html, useEffect, useRef, useState } from "../lib/preact.js";

const PACKAGE = /\.(conda|tar\.bz2)$/;

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.file(resolve, reject))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  // A reader gives a hundred entries at a time, and none at the end.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return found;
    for (const below of entries) found.push(...(await filesOf(below)));
  }
}

/**
 * What was dropped: single files as they are, of folders the packages in them.
 * @param {DataTransfer} transfer
 */
async function dropped(transfer) {
  // The entries must be taken before anything is awaited: then the list is emptied.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => !entry)) return { files: [...transfer.files], skipped: 0 };
  const found = { files: /** @type {File[]} */ ([]), skipped: 0 };
  for (const entry of entries) {
    const files = await filesOf(/** @type {FileSystemEntry} */ (entry));
    const wanted = entry?.isDirectory ? packagesOf(files) : files;
    found.files.push(...wanted);
    found.skipped += files.length - wanted.length;
  }
  return found;
}

/** @param {readonly File[]} files */
const packagesOf = (files) => files.filter(({ name }) => PACKAGE.test(name));

/**
 * Call back with files that are brought to this page while it is shown; says whether some hover.
 * @param {(files: File[], skipped: number) => void} onFiles
 */
function useDrops(onFiles) {
  const [depth, setDepth] = useState(0);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const controller = new AbortController();
    const on = (/** @type {string} */ kind, /** @type {(event: any) => void} */ act) => addEventListener(kind, act, { signal: controller.signal });
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    const take = async (/** @type {DataTransfer} */ transfer) => {
      const { files, skipped } = await dropped(transfer);
      latest.current(files, skipped);
    };
    // Entering a child comes before leaving its parent: only the count tells whether one is out.
    on("dragenter", (event) => hasFiles(event) && setDepth((count) => count + 1));
    on("dragleave", (event) => hasFiles(event) && setDepth((count) => Math.max(0, count - 1)));
    on("dragover", (event) => hasFiles(event) && event.preventDefault());
    on("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      take(event.dataTransfer);
    });
    on("paste", (event) => event.clipboardData?.files.length && take(event.clipboardData));
    return () => controller.abort();
  }, []);
  return depth > 0;
}

/** @param {{ onFiles: (files: File[], skipped: number) => void }} props `skipped` files of folders are no packages */
export function FileDrop({ onFiles }) {
  const isOver = useDrops(onFiles);
  /** @type {{ current: HTMLInputElement | null }} */
  const files = useRef(null);
  /** @type {{ current: HTMLInputElement | null }} */
  const folder = useRef(null);
  const chosen = (/** @type {any} */ { currentTarget: input }) => {
    const all = [...input.files];
    const wanted = input.webkitdirectory ? packagesOf(all) : all;
    onFiles(wanted, all.length - wanted.length);
    input.value = "";
  };
  return html`<div class="drop ${isOver ? "over" : ""}">
    <p class="lead">${isOver ? "Let go to upload" : "Drop packages anywhere on this page"}</p>
    <p class="muted">.conda and .tar.bz2, many at once or a whole folder</p>
    <div class="actions">
      <button type="button" onClick=${() => files.current?.click()}>Choose files</button>
      <button type="button" class="quiet" onClick=${() => folder.current?.click()}>Choose a folder</button>
    </div>
    <input ref=${files} type="file" multiple hidden aria-label="Files" accept=".conda,.bz2" onChange=${chosen} />
    <input ref=${folder} type="file" webkitdirectory hidden aria-label="Folder" onChange=${chosen} />
  </div>`;
}
