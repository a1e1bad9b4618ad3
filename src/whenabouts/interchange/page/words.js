/* Times, frames, probabilities and scores as text. */

import { make } from "./elements.js";
import { say, translate } from "./language.js";
import { nearestFrame, timecodeOf } from "./timecode.js";
import { media, shownFrame } from "./video.js";

export function clock(seconds, digits = 1) {
  const unit = 10 ** digits;
  const ticks = Math.round(seconds * unit);
  const whole = Math.floor(ticks / unit);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return (h ? `${h}:${two(m)}` : `${m}`) + `:${two(s)}` + (digits ? `.${String(ticks % unit).padStart(digits, "0")}` : "");
}
export const range = (moment) => `${clock(moment.start)} – ${clock(moment.end)}`;

export const shownTimecode = (seconds) => timecodeOf(shownFrame(seconds), media.labels);
export const stamp = (seconds) => `${clock(seconds)} · ${shownTimecode(seconds)} · ${shownFrame(seconds)}`;

/* The boundary of frames that exports write for an end of a moment. */
export const boundary = (seconds) => nearestFrame(seconds, media.labels);
/* Whether two moments are the same pictures. */
export const isSameCut = (one, other) => ["start", "end"].every((end) => boundary(one[end]) === boundary(other[end]));
export const timecode = (seconds) => timecodeOf(boundary(seconds), media.labels);
export const edgeStamp = (seconds) => `${clock(seconds, 2)} · ${timecode(seconds)} · ${boundary(seconds)}`;
export const timecodes = ({ start, end }) => `${timecode(start)} – ${timecode(end)}`;
export const frames = ({ start, end }) => say`frames ${boundary(start)}–${boundary(end)}`;

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
