/* A curve as SVG: axes with a few round numbers, the line, and the same points as text for who does not see it. */

import { draw } from "./elements.js";
import { translate } from "./language.js";

const WIDTH = 420, HEIGHT = 260, LEFT = 52, RIGHT = 12, TOP = 10, BOTTOM = 42, TICKS = 5, MAX_DOTS = 40;

const label = (value) => String(Number(value.toPrecision(3)));

/* What an axis shows: shares as a whole from 0 to 1, other values with nothing around them. */
function range(values) {
  const low = Math.min(...values), high = Math.max(...values);
  if (low >= 0 && high <= 1) return [0, 1];
  return low === high ? [low - 1, high + 1] : [low, high];
}

export function curveOf(name, curve) {
  const points = curve.x.map((x, i) => [x, curve.y[i]]).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const words = points.map(([x, y]) => `${label(x)}: ${label(y)}`).join(", ");
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img" },
    draw("title", {}, translate(name)), draw("desc", {}, words));
  if (!points.length) return svg;
  const [x0, x1] = range(points.map(([x]) => x)), [y0, y1] = range(points.map(([, y]) => y));
  const across = (x) => LEFT + ((x - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const up = (y) => HEIGHT - BOTTOM - ((y - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  for (let i = 0; i < TICKS; i += 1) {
    const x = x0 + ((x1 - x0) * i) / (TICKS - 1), y = y0 + ((y1 - y0) * i) / (TICKS - 1);
    svg.append(
      draw("path", { class: "axis", d: `M${across(x)} ${TOP}V${HEIGHT - BOTTOM}M${LEFT} ${up(y)}H${WIDTH - RIGHT}` }),
      draw("text", { x: across(x), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, label(x)),
      draw("text", { x: LEFT - 6, y: up(y) + 4, "text-anchor": "end" }, label(y)),
    );
  }
  if (curve.x_label === "stated probability") svg.append(draw("path", { class: "diagonal", d: `M${across(0)} ${up(0)}L${across(1)} ${up(1)}` }));
  svg.append(
    draw("path", { class: "line", d: `M${points.map(([x, y]) => `${across(x)} ${up(y)}`).join("L")}` }),
    draw("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, translate(curve.x_label)),
    draw("text", { x: 12, y: (HEIGHT - BOTTOM) / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${(HEIGHT - BOTTOM) / 2})` }, translate(curve.y_label)),
  );
  if (points.length <= MAX_DOTS) svg.append(...points.map(([x, y]) => draw("circle", { cx: across(x), cy: up(y), r: 3 })));
  return svg;
}
