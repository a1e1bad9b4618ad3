/* Times, probabilities and scores as text. */

import { make } from "./elements.js";
import { say, translate } from "./language.js";

export function clock(seconds, digits = 1) {
  const unit = 10 ** digits;
  const ticks = Math.round(seconds * unit);
  const whole = Math.floor(ticks / unit);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return (h ? `${h}:${two(m)}` : `${m}`) + `:${two(s)}` + (digits ? `.${String(ticks % unit).padStart(digits, "0")}` : "");
}
export const range = (moment) => `${clock(moment.start)} – ${clock(moment.end)}`;
export const many = (count, one, more) => translate(`${count} ${count === 1 ? one : more}`);
export const share = (p) => (p > 0.99 ? say`over 99 %` : p < 0.01 ? say`under 1 %` : `${Math.round(100 * p)} %`);

export const score = (moment) => ((moment.score ?? null) === null ? "" : say`score ${moment.score.toFixed(2)}`);
export const strength = (moment) => Math.min(1, Math.max(0, moment.score ?? 1));

function verdict(query) {
  if (query.failure) return say`No usable answer`;
  if (query.absent) return say`Probably not in this video`;
  if (!query.moments.length) return say`Nothing found`;
  if (query.presence === null) return "";
  return query.presence >= 0.7 ? say`Probably here` : say`Perhaps here`;
}

export function likelihood(query) {
  const line = make("p", { className: "verdict" }, make("span", { textContent: query.verdict ?? verdict(query) }));
  if (query.presence !== null) {
    const fill = make("i");
    fill.style.width = `${100 * query.presence}%`;
    const meter = make("span", { className: "meter" }, fill);
    meter.setAttribute("aria-hidden", "true");
    line.append(meter, make("span", { textContent: share(query.presence), title: say`Probability that it happens in this video` }));
  }
  return line;
}
