/* Times, probabilities and scores as text. */

import { make } from "./elements.js";

export function clock(seconds, digits = 1) {
  const unit = 10 ** digits;
  const ticks = Math.round(seconds * unit);
  const whole = Math.floor(ticks / unit);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return (h ? `${h}:${two(m)}` : `${m}`) + `:${two(s)}` + (digits ? `.${String(ticks % unit).padStart(digits, "0")}` : "");
}
export const range = (moment) => `${clock(moment.start)} – ${clock(moment.end)}`;
export const many = (count, one, more) => `${count} ${count === 1 ? one : more}`;
const share = (p) => (p > 0.99 ? "over 99 %" : p < 0.01 ? "under 1 %" : `${Math.round(100 * p)} %`);

export const score = (moment) => ((moment.score ?? null) === null ? "" : `score ${moment.score.toFixed(2)}`);
export const strength = (moment) => Math.min(1, Math.max(0, moment.score ?? 1));

function verdict(query) {
  if (query.failure) return "No usable answer";
  if (query.absent) return "Probably not in this video";
  if (!query.moments.length) return "Nothing found";
  if (query.presence === null) return "";
  return query.presence >= 0.7 ? "Probably here" : "Perhaps here";
}

export function likelihood(query) {
  const line = make("p", { className: "verdict" }, make("span", { textContent: query.verdict ?? verdict(query) }));
  if (query.presence !== null) {
    const fill = make("i");
    fill.style.width = `${100 * query.presence}%`;
    const meter = make("span", { className: "meter" }, fill);
    meter.setAttribute("aria-hidden", "true");
    line.append(meter, make("span", { textContent: share(query.presence), title: "Probability that it happens in this video" }));
  }
  return line;
}
