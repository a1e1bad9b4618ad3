/* Captions on the player: what is said in the video, as WebVTT of the server, loaded when they are switched on. */

import { at } from "./api.js";
import { showNotice } from "./notice.js";
import { byId, make, press, pressed } from "./shared/elements.js";
import { icon } from "./shared/icons.js";
import { bind } from "./shared/keys.js";
import { say } from "./shared/language.js";
import "./shared/transport.js"; // before whose loop it stands
import { video } from "./shared/video.js";

const button = make("button", { id: "captions", type: "button", ariaLabel: say`Captions`, ariaPressed: "false", hidden: true }, icon("captions"));
button.addEventListener("click", (event) => { if (event.detail) button.blur(); toggle(); });
byId("loop").before(button);
let track = null, source = null;

/* The words of the open video, which grow when a query has been answered from them; none for null. */
export function showCaptions(id, { captions }) {
  source = captions ? at(`/api/videos/${id}/captions#${captions}`) : null;
  button.hidden = !source;
  apply();
}
function toggle() {
  if (!source) return;
  press("captions", !pressed("captions"));
  apply();
}
function apply() {
  const on = Boolean(source) && pressed("captions");
  if (!on || track?.getAttribute("src") !== source) { track?.remove(); track = null; }
  if (on && !track) {
    video.append((track = make("track", { kind: "captions", label: say`Captions`, src: source })));
    track.addEventListener("error", () => { press("captions", false); apply(); showNotice("The captions could not be loaded."); });
  }
  if (track) track.track.mode = "showing";
}
bind(["C"], "captions", { c: toggle });
