/* Icons as strokes on a square of 24; a class before the path paints it otherwise. */

import { draw } from "./elements.js";

const ICONS = {
  previous: ["M7 6v12", "full: M18 6.5v11L9.5 12z"],
  back: ["M14 7l-5 5 5 5"],
  play: ["full paused: M8.5 5.5v13l10-6.5z", "playing: M9 6.5v11M15 6.5v11"],
  forward: ["M10 7l5 5-5 5"],
  next: ["M17 6v12", "full: M6 6.5v11l8.5-5.5z"],
  loop: ["M17 4l3 3-3 3M20 7H8a4 4 0 0 0-4 4v.5M7 20l-3-3 3-3M4 17h12a4 4 0 0 0 4-4v-.5"],
  mute: ["full: M4 9.5v5h3.5l4.5 4v-13l-4.5 4z", "sound: M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11", "silence: M16 9.5l5 5M21 9.5l-5 5"],
  full: ["M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15"],
  captions: ["M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z", "M10.5 10.7a2 2 0 1 0 0 2.6M16.5 10.7a2 2 0 1 0 0 2.6"],
  keys: ["M5 6.5h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z", "M7 10.5h.01M10.3 10.5h.01M13.7 10.5h.01M17 10.5h.01M8 14h8"],
  theme: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "full: M12 4a8 8 0 0 1 0 16z"],
};

export function icon(name, icons = ICONS) {
  const svg = draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  for (const path of icons[name]) {
    const [d, kind] = path.split(": ").reverse();
    svg.append(draw("path", kind ? { d, class: kind } : { d }));
  }
  return svg;
}
