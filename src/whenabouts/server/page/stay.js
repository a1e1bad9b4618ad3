/* How much of the window the player and the tools take, which stay in sight: the rest of the page stands below them. */

import { byId } from "./shared/elements.js";

const root = document.documentElement;
function measure() {
  const held = getComputedStyle(byId("top")).display === "contents" ? byId("stage") : byId("top");
  root.style.setProperty("--top", `${getComputedStyle(held).position === "sticky" ? held.offsetHeight : 0}px`);
  root.style.setProperty("--controls", `${byId("controls").offsetHeight}px`);
}
const observer = new ResizeObserver(measure);
for (const id of ["top", "stage", "controls"]) observer.observe(byId(id));
