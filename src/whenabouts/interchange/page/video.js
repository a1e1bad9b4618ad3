/* The player: its time, seeking, playing; and the part of the video that the timeline shows. Without a player only the
 * playhead moves. */

import { byId, press, pressed } from "./elements.js";

export const video = byId("video");
export const media = { duration: 1, frame: 0.04, source: null, labels: { rate: [25, 1], drop: false, start: 0 } }; // seconds, seconds of one picture, address
export const view = { from: 0, span: 1, width: 0 }; // seconds, and pixels that are measured once, not at each change
const EPSILON = 0.001; // seconds: a seek lands just inside a picture, never on the edge before it
const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

let sought = 0; // time of the last seek
export const now = () => (!media.source || Math.abs(video.currentTime - sought - EPSILON) < 1e-4 ? sought : video.currentTime);
export const within = (seconds) => Math.min(media.duration, Math.max(0, seconds));
export const covers = (moment, time) => moment.start <= time + EPSILON && time < moment.end;

/* The facts of another video; all of it is in view. */
export function setMedia(facts) {
  Object.assign(media, facts);
  Object.assign(view, { from: 0, span: media.duration });
}

/* Show a part of the video on the timeline: at least one frame, at most all. */
const watchers = [];
export function onView(watcher) { watchers.push(watcher); }
export function show(from, span) {
  view.span = Math.min(media.duration, Math.max(Math.min(media.frame, media.duration), span));
  view.from = Math.min(media.duration - view.span, Math.max(0, from));
  refresh();
}
export function refresh() {
  for (const watcher of watchers) watcher();
  follow();
}

/* Where a time stands in the view: 0 at its left edge, 1 at its right. */
export const offsetOf = (seconds) => (seconds - view.from) / view.span;

/* Put an element at its times; `placeAgain` does so after the view changed. What is out of view stands at the edge. */
export function place(element, start, end) {
  element.times = [start, end];
  element.classList.add("placed");
  return put(element);
}
export function placeAgain(root) { for (const element of root.getElementsByClassName("placed")) put(element); }
function put(element) {
  const [start, end] = element.times, [left, right] = [offsetOf(start), offsetOf(end ?? start)];
  const [first, last] = [Math.min(1, Math.max(0, left)), Math.min(1, Math.max(0, right))];
  element.style.left = `${100 * first}%`;
  if (end !== undefined) element.style.width = `${100 * (last - first)}%`;
  element.classList.toggle("away", right < 0 || left > 1);
  return element;
}

export function seek(seconds) {
  sought = within(seconds);
  if (media.source) video.currentTime = sought + EPSILON;
  follow();
}
export const play = () => media.source && video.play().catch(() => {});
export const toggle = () => (video.paused ? play() : video.pause());
export const step = (seconds) => seek(now() + seconds);
export function mute() { video.muted = !video.muted; press("mute", video.muted); }
export function loop() { press("loop", !pressed("loop")); }
export function fullscreen() { if (document.fullscreenElement) document.exitFullscreen(); else video.requestFullscreen?.(); }
export function speed(direction, wrap = false) {
  const goal = SPEEDS.indexOf(video.playbackRate) + direction;
  video.playbackRate = SPEEDS[wrap ? goal % SPEEDS.length : Math.min(SPEEDS.length - 1, Math.max(0, goal))];
  byId("speed").textContent = `${video.playbackRate}×`;
}

/* Callbacks that receive the time, at most once a picture while the video plays. */
const followers = [];
export function onTime(follower) { followers.push(follower); }
export function follow() {
  const time = Math.min(now(), media.duration);
  for (const follower of followers) follower(time);
}
for (const name of ["timeupdate", "seeked", "loadedmetadata", "play", "pause", "ended"]) video.addEventListener(name, follow);
video.addEventListener("click", toggle);
(function tick() { if (!video.paused) follow(); requestAnimationFrame(tick); })();
