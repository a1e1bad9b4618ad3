/* The selected moment: its times, timecodes, frames and length, as they are now; a press copies its timecodes. */

import { byId, make } from "./shared/elements.js";
import { current } from "./shared/moments.js";
import { copyFrom } from "./shared/readout.js";
import { frames, range, timecodes } from "./shared/words.js";
import { say } from "./shared/language.js";

const [clocks, labels] = [make("span"), make("span")];
const button = make("button", { className: "copies", type: "button", title: say`Copy the timecodes of the moment`, hidden: true }, clocks, labels);
button.addEventListener("click", () => copyFrom(button, timecodes(current)));
byId("chosen").append(button);

function showChosen() {
  button.hidden = !current;
  if (!current) return;
  clocks.textContent = `${range(current)} · ${(current.end - current.start).toFixed(2)} s`;
  labels.textContent = `${timecodes(current)} · ${frames(current)}`;
}
for (const name of ["choose", "moved"]) document.addEventListener(name, showChosen);
