/* Videos that are chosen or dropped before the page has loaded: they wait for it, and no browser opens them in its place. */

import { byId } from "./shared/elements.js";

const early = [];
byId("upload").addEventListener("click", () => byId("file").click());

function hold(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  if (event.type === "drop") early.push(...event.dataTransfer.files);
}
addEventListener("dragover", hold);
addEventListener("drop", hold);

/* The files so far; from now on the caller takes what is dropped. */
export function takeOver() {
  removeEventListener("dragover", hold);
  removeEventListener("drop", hold);
  return [...early, ...byId("file").files];
}
