/* The video on show: where it is, going to a time, playing. With no player the playhead alone moves. */

import { at, press, pressed } from "./elements.js";

export const video = at("video");
export const reel = { duration: 1, frame: 0.04, source: null }; // seconds, seconds of one picture, address
const HAIR = 0.001; // seconds: a seek lands just inside a picture, never on the edge before it
const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

let still = 0; // where the last seek went
export const now = () => (!reel.source || Math.abs(video.currentTime - still - HAIR) < 1e-4 ? still : video.currentTime);
export const within = (seconds) => Math.min(reel.duration, Math.max(0, seconds));
export const percent = (seconds) => `${(100 * seconds) / reel.duration}%`;
export const covers = (moment, time) => moment.start <= time + HAIR && time < moment.end;

export function place(element, start, end) {
  element.style.left = percent(start);
  if (end !== undefined) element.style.width = percent(end - start);
  return element;
}

export function seek(seconds) {
  still = within(seconds);
  if (reel.source) video.currentTime = still + HAIR;
  follow();
}
export const play = () => reel.source && video.play().catch(() => {});
export const toggle = () => (video.paused ? play() : video.pause());
export const step = (seconds) => seek(now() + seconds);
export function mute() { video.muted = !video.muted; press("mute", video.muted); }
export function loop() { press("loop", !pressed("loop")); }
export function fullscreen() { if (document.fullscreenElement) document.exitFullscreen(); else video.requestFullscreen?.(); }
export function speed(direction, wrap = false) {
  const goal = SPEEDS.indexOf(video.playbackRate) + direction;
  video.playbackRate = SPEEDS[wrap ? goal % SPEEDS.length : Math.min(SPEEDS.length - 1, Math.max(0, goal))];
  at("speed").textContent = `${video.playbackRate}×`;
}

/* What moves with the video is told the time, at most once a picture while it plays. */
const followers = [];
export function whenever(follower) { followers.push(follower); }
export function follow() {
  const time = Math.min(now(), reel.duration);
  for (const follower of followers) follower(time);
}
for (const name of ["timeupdate", "seeked", "loadedmetadata", "play", "pause", "ended"]) video.addEventListener(name, follow);
video.addEventListener("click", toggle);
(function tick() { if (!video.paused) follow(); requestAnimationFrame(tick); })();
