/* The player: its time, seeking, playing. Without a player only the playhead moves. */

import { byId, press, pressed } from "./elements.js";

export const video = byId("video");
export const media = { duration: 1, frame: 0.04, source: null }; // seconds, seconds of one picture, address
const EPSILON = 0.001; // seconds: a seek lands just inside a picture, never on the edge before it
const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

let sought = 0; // time of the last seek
export const now = () => (!media.source || Math.abs(video.currentTime - sought - EPSILON) < 1e-4 ? sought : video.currentTime);
export const within = (seconds) => Math.min(media.duration, Math.max(0, seconds));
export const percent = (seconds) => `${(100 * seconds) / media.duration}%`;
export const covers = (moment, time) => moment.start <= time + EPSILON && time < moment.end;

export function place(element, start, end) {
  element.style.left = percent(start);
  if (end !== undefined) element.style.width = percent(end - start);
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
