/* Icons of this page alone. */

import { icon } from "./shared/icons.js";

const GLYPHS = {
  close: ["M7 7l10 10M17 7L7 17"],
  check: ["M5.5 12.5l4.5 4.5 8.5-9.5"],
  back: ["M9.5 5.5L5 10l4.500 4.500", "M5 10h9a4.500 4.500 0 0 1 0 9h-3"],
  none: ["M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z", "M6.9 6.9l10.2 10.2"],
  remove: ["M5.5 7.5h13M10 7.5V5.5h4v2M7.5 7.5l.7 11h7.600l.7-11"],
  video: ["M5 6h14v12H5zM9 6v12M15 6v12M5 10h4M5 14h4M15 10h4M15 14h4"],
  picture: ["M4.5 6h15v12h-15z", "M4.5 15.5l4.5-4 3.500 3 3-2.500 4 3.500M15.500 9.200h.01"],
  up: ["M12 17V6M7 10.5L12 5.5l5 5M5 19h14"],
  down: ["M12 5v11M7 11.5l5 5 5-5M5 19.5h14"],
  previous: ["M7 14.5l5-5 5 5"],
  next: ["M7 9.5l5 5 5-5"],
  compare: ["M4 8h11M4 16h7M18 8h2M14 16h6"],
  keep: ["M7 5h10v14l-5-4-5 4z"],
  hide: ["M4 12s3-5.5 8-5.5S20 12 20 12s-3 5.5-8 5.5S4 12 4 12z", "M5 19L19 5"],
};

export const glyph = (name) => icon(name, GLYPHS);
