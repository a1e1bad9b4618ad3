/* The time under the player as seconds, timecode and number of frame; each is copied by a click or a key. */

import { byId, make, write } from "./elements.js";
import { bind } from "./keys.js";
import { say } from "./language.js";
import { frameOf, onTime, shownTime, startOf } from "./video.js";
import { timecode } from "./words.js";

const COPIED = 1200; // milliseconds that it says so
const WAYS = { seconds: () => shownTime().toFixed(3), timecode: () => timecode(startOf(frameOf(shownTime()))), frame: () => String(frameOf(shownTime())) };
const UNITS = { seconds: " s", timecode: "", frame: "" };

/* Copy a text, without the browser's leave where it gives none; says whether it was done. */
export async function copyText(text) {
  if (await navigator.clipboard?.writeText(text).then(() => true, () => false)) return true;
  const field = make("textarea", { value: text, className: "visually-hidden" }), held = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  held?.focus({ preventScroll: true });
  return done;
}

/* Copy a text and say so on the button for a moment. */
export async function copyFrom(button, text) {
  const done = await copyText(text);
  button.dataset.told = done ? say`Copied` : say`The browser does not allow it`;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { delete button.dataset.told; }, COPIED);
}

const NAMES = { seconds: say`Copy the time in seconds`, timecode: say`Copy the timecode`, frame: say`Copy the number of the frame` };
const buttons = Object.keys(WAYS).map((way) => {
  const text = make("span"), button = make("button", { className: "copies", type: "button", title: NAMES[way] }, ...(way === "frame" ? [make("span", { textContent: say`frame` }), " ", text] : [text]));
  button.addEventListener("click", (event) => { if (event.detail) button.blur(); copyFrom(button, WAYS[way]()); });
  return [way, button, text];
});
const readout = make("div", { id: "readout" }, ...buttons.map(([, button]) => button));
readout.setAttribute("role", "group");
readout.ariaLabel = say`Time of the picture; press to copy`;
byId("transport").after(readout);

onTime(() => { for (const [way, , text] of buttons) write(text, WAYS[way]() + UNITS[way]); });

const copy = (way) => () => { const [, button] = buttons.find(([each]) => each === way); copyFrom(button, WAYS[way]()); };
bind(["T", "S", "N"], "copy the timecode, the seconds, the number of the frame", { t: copy("timecode"), s: copy("seconds"), n: copy("frame") });
