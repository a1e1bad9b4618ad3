/* A map of the whole video: where moments are, and the part in view, which is dragged there. */

import { byId, make } from "./shared/elements.js";
import { media, onTime, onView, show, view } from "./shared/video.js";
import { clock } from "./shared/words.js";
import { say } from "./shared/language.js";

const LANE = 3, MIN_PART = 24; // pixels
const canvas = make("canvas"), part = make("div", { id: "part", tabIndex: 0, role: "slider" }), here = make("div", { className: "here" });
part.ariaLabel = say`The part in view`;
const track = byId("map");
track.append(canvas, here, part);
let lanes = []; // for each query its moments

/* Draw the moments of all queries, one line for each. */
export function drawMap(queries) {
  lanes = queries;
  const [width, height] = [track.clientWidth, track.clientHeight], scale = devicePixelRatio || 1;
  if (!width) return;
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const brush = canvas.getContext("2d"), apart = Math.min(LANE + 1, (height - 2) / Math.max(1, lanes.length));
  brush.scale(scale, scale);
  brush.fillStyle = getComputedStyle(track).color;
  lanes.forEach(({ moments }, number) => {
    for (const { start, end } of moments)
      brush.fillRect((start * width) / media.duration, 1 + number * apart, Math.max(1.5, ((end - start) * width) / media.duration), Math.max(1, apart - 1));
  });
}

function fit() {
  const width = view.width || 1, wide = Math.max(MIN_PART, (view.span * width) / media.duration);
  const middle = ((view.from + view.span / 2) * width) / media.duration;
  part.style.width = `${wide}px`;
  part.style.left = `${Math.min(width - wide, Math.max(0, middle - wide / 2))}px`;
  part.dataset.whole = String(view.span >= media.duration);
  for (const [name, value] of [["min", 0], ["max", media.duration.toFixed(2)], ["now", view.from.toFixed(2)]]) part.setAttribute(`aria-value${name}`, value);
  part.setAttribute("aria-valuetext", say`${clock(view.from, 2)} to ${clock(view.from + view.span, 2)}`);
}
onView(fit);
onTime((time) => { here.style.transform = `translateX(${((time * view.width) / media.duration).toFixed(1)}px)`; });
new ResizeObserver(() => drawMap(lanes)).observe(track);
new MutationObserver(() => drawMap(lanes)).observe(document.documentElement, { attributeFilter: ["data-theme"] });

/* Press beside the part to bring it there; press and move to take it along. */
track.addEventListener("pointerdown", (down) => {
  if (down.button) return;
  down.preventDefault();
  part.focus({ preventScroll: true });
  const box = track.getBoundingClientRect(), at = ({ clientX }) => ((clientX - box.left) / box.width) * media.duration;
  const grip = down.target === part ? at(down) - view.from : view.span / 2;
  const go = (event) => show(at(event) - grip, view.span);
  track.setPointerCapture(down.pointerId);
  track.dataset.held = "true";
  track.addEventListener("pointermove", go);
  track.addEventListener("lostpointercapture", () => {
    track.removeEventListener("pointermove", go);
    delete track.dataset.held;
  }, { once: true });
  go(down);
});
part.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowUp: 0.1, PageUp: -1, PageDown: 1 }[event.key];
  if (!by && event.key !== "Home" && event.key !== "End") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  show(by ? view.from + by * view.span : event.key === "Home" ? 0 : media.duration, view.span);
});
