/* Frames and timecode, exactly as interchange/timecode.py has them: both are held to tests/interchange/timecodes.json.
 * `labels` are {rate: [frames, seconds], drop, start}, where `start` is the number of the first frame. */

const ROOM = 0.001; // seconds that a stamp may lie before its frame

/* The frame boundary nearest to a time; of two as near, the later. Exact where floats cannot tell. */
export function nearestFrame(seconds, { rate: [top, bottom] }) {
  const close = (seconds * top) / bottom + 0.5;
  if (Math.abs(close - Math.round(close)) > 1e-6) return Math.floor(close);
  let [whole, scale] = [seconds, 1n];
  while (!Number.isInteger(whole)) [whole, scale] = [2 * whole, 2n * scale];
  const [twice, unit] = [2n * BigInt(whole) * BigInt(top), scale * BigInt(bottom)];
  return Number((twice + unit) / (2n * unit));
}

/* The frame on screen at a time. */
export const frameShown = (seconds, { rate: [top, bottom] }) => Math.floor(((seconds + ROOM) * top) / bottom);

/* The timecode HH:MM:SS:FF of a frame that counts from the first; with ; before FF where it is drop-frame. */
export function timecodeOf(frame, { rate: [top, bottom], drop, start }) {
  const nominal = Math.round(top / bottom), dropped = drop ? Math.floor(nominal / 15) : 0;
  let number = (frame + start) % (86_400 * nominal - dropped * (24 * 60 - 24 * 6));
  if (drop) {
    const minute = 60 * nominal - dropped, ten = 10 * minute + dropped;
    number += dropped * (9 * Math.floor(number / ten) + Math.max(0, Math.floor(((number % ten) - dropped) / minute)));
  }
  const second = Math.floor(number / nominal), two = (value) => String(value).padStart(2, "0");
  const frames = String(number % nominal).padStart(Math.max(2, String(nominal - 1).length), "0");
  return [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(two).join(":") + (drop ? ";" : ":") + frames;
}
