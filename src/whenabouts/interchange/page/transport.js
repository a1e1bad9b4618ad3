/* The row of controls under the video, and the keys that do the same. */

import { byId, make } from "./elements.js";
import { video, fullscreen, loop, mute, speed, step, stepPicture, toggle } from "./video.js";
import { icon } from "./icons.js";
import { bind } from "./keys.js";
import { goToNeighbour } from "./moments.js";
import { say, translate } from "./language.js";

const back = () => stepPicture(-1), forward = () => stepPicture(1);
const previous = () => goToNeighbour(-1), next = () => goToNeighbour(1);

function control(id, label, act, props = {}) {
  const button = make("button", { id, type: "button", ariaLabel: translate(label), ...props });
  if (!props.textContent) button.append(icon(id));
  button.addEventListener("click", (event) => { if (event.detail) event.currentTarget.blur(); act(); });
  return button;
}

byId("transport").append(
  control("previous", "Previous moment", previous), control("back", "One frame back", back), control("play", "Play", toggle),
  control("forward", "One frame forward", forward), control("next", "Next moment", next),
  make("output", { id: "clock", ariaLabel: say`Time` }, make("b"), make("span")),
  control("loop", "Loop the moment", loop, { ariaPressed: "false" }), control("speed", "Speed", () => speed(1, true), { textContent: "1×" }),
  control("mute", "Mute", mute, { ariaPressed: "false" }), control("full", "Full screen", fullscreen));

/* Its name has what is written on it, by which people who speak to their computer call it. */
const nameSpeed = () => { byId("speed").ariaLabel = say`Speed ${`${video.playbackRate}×`}`; };
nameSpeed();
video.addEventListener("ratechange", nameSpeed);

bind(["space", "K"], "play, pause", { " ": toggle, k: toggle });
bind(["[", "]"], "previous, next moment", { "[": previous, "]": next });
bind([",", "."], "one frame back, forward", { ",": back, ".": forward });
bind(["←", "→"], "one second", { ArrowLeft: () => step(-1), ArrowRight: () => step(1) });
bind(["J", "L"], "five seconds", { j: () => step(-5), l: () => step(5) });
bind(["<", ">"], "slower, faster", { "<": () => speed(-1), ">": () => speed(1) });
bind(["R"], "loop the moment", { r: loop });
bind(["M", "F"], "mute, full screen", { m: mute, f: fullscreen });
