/* The player: its time, seeking, playing; and the part of the video that the timeline shows. Without a player only the
 * playhead moves. */

import { byId, press, pressed } from "./elements.js";
import { frameShown, nearestFrame } from "./timecode.js";

export const video = byId("video");
export const media = { duration: 1, frame: 0.04, source: null, labels: { rate: [25, 1], drop: false, start: 0, varies: false }, pictures: null }; // seconds, seconds of one picture, address
export const view = { from: 0, span: 1, width: 0 }; // seconds, and pixels that are measured once, not at each change
export const EPSILON = 0.001; // seconds that a stamp may lie beside its picture
const NEAR = 0.1; // seconds of playing within which the picture painted last is the one on screen
const STAYS = 300; // milliseconds after a seek by which another picture would have been drawn
const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

/* The picture on screen at a time, as a number; the last one stays until the end. */
export const shownFrame = (seconds) => Math.max(0, Math.min(frameShown(seconds, media.labels), nearestFrame(media.duration, media.labels) - 1));
export const startOf = (frame) => (frame * media.labels.rate[1]) / media.labels.rate[0]; // seconds

/* A seek to the edge of a picture aims at its middle: at the edge, browsers would show this one or the one before. Pictures
 * of a variable rate begin anywhere, and other times are inside a picture; just behind them is the right one. */
const aimOf = (time) => (!media.labels.varies && Math.abs(startOf(nearestFrame(time, media.labels)) - time) < 1.5 * EPSILON ? startOf(shownFrame(time) + 0.5) : time + EPSILON);
let sought = 0, aim = 0; // the time of the last seek, and what it aims at
let painted = null; // the time of the picture that the browser drew last
let paintedFor = null; // the aim of the seek that it was drawn for
const isSought = () => !media.source || Math.abs(video.currentTime - aim) < 1e-4;
function onPainted(_, { mediaTime }) {
  painted = mediaTime;
  paintedFor = isSought() && !video.seeking && (media.labels.varies || mediaTime < aim + EPSILON) ? aim : null;
  notice();
  video.requestVideoFrameCallback(onPainted);
}
video.requestVideoFrameCallback?.(onPainted);
/* Nothing is drawn for a seek within a picture of a variable rate that stays on screen. */
video.addEventListener("seeked", () => { if (media.labels.varies) setTimeout(stay, STAYS, aim); });
function stay(target) {
  if (target !== aim || !isSought() || video.seeking || painted === null) return;
  paintedFor = aim;
  notice();
}

/* The time that was sought; elsewhere the start of the picture on screen, which the browser itself tells where it can. */
export function now() {
  if (isSought()) return sought;
  const time = video.currentTime, start = startOf(Math.floor(time / media.frame + 1e-6));
  return painted === null || Math.abs(time - painted) > NEAR * Math.max(1, video.playbackRate) ? start : paintedTime();
}
/* When the picture drawn last begins: at an edge of frames, or anywhere in a video of a variable rate. */
function paintedTime() {
  const nearest = startOf(nearestFrame(painted, media.labels));
  return Math.abs(nearest - painted) < EPSILON ? nearest : painted;
}
/* The start of the picture on screen, in seconds; of one that is still being sought, of the frame at that time. */
export function shownTime() {
  if (!isSought()) return Math.min(now(), startOf(shownFrame(media.duration)));
  return painted !== null && paintedFor === aim ? paintedTime() : soughtFrame();
}
const soughtFrame = () => startOf(shownFrame(sought));
/* The number of the frame that begins where a picture does, or next to it in a video of a variable rate. */
export const frameOf = (start) => Math.min(nearestFrame(start, media.labels), shownFrame(media.duration));
export const within = (seconds) => Math.min(media.duration, Math.max(0, seconds));
export const covers = (moment, time) => moment.start <= time + EPSILON && time < moment.end;

/* The facts of another video; all of it is in view. */
export function setMedia(facts) {
  Object.assign(media, facts);
  painted = paintedFor = null;
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
export function placeAgain(root, which = ".placed") { for (const element of root.querySelectorAll(which)) put(element); }
function put(element) {
  const [start, end] = element.times, [left, right] = [offsetOf(start), offsetOf(end ?? start)];
  const [first, last] = [Math.min(1, Math.max(0, left)), Math.min(1, Math.max(0, right))];
  element.style.left = `${100 * first}%`;
  if (end !== undefined) element.style.width = `${100 * (last - first)}%`;
  element.classList.toggle("away", right < 0 || left > 1);
  return element;
}

/* Move a line to a time, which browsers do without laying out anything. */
export function slide(element, seconds) {
  element.style.transform = `translateX(${Math.round(10 * view.width * Math.min(1, Math.max(0, offsetOf(seconds)))) / 10}px)`;
  element.classList.toggle("away", offsetOf(seconds) < 0 || offsetOf(seconds) > 1);
  return element;
}

export function seek(seconds) {
  sought = within(seconds);
  aim = aimOf(sought);
  if (media.source) video.currentTime = aim;
  follow();
}
export const play = () => media.source && video.play().catch(() => {});
export const toggle = () => (video.paused ? play() : video.pause());
/* To the frame that is nearest to so many seconds on, also where one picture lasts for several. */
export const step = (seconds) => seek(startOf(nearestFrame(Math.max(0, (isSought() ? soughtFrame() : shownTime()) + seconds), media.labels)));
/* To the picture before or after the one on screen: of a variable rate where it begins, as far as that is known. */
export function stepPicture(direction) {
  const beside = pictureBeside(direction);
  if (beside === null) step(direction * media.frame); else seek(beside);
}
/* Counted from what was sought: some browsers show the keyframe for the picture before it, and would come no further. */
function pictureBeside(direction) {
  const { labels, pictures } = media, time = isSought() ? sought : shownTime();
  if (!labels.varies || !pictures || time < pictures.from || time > pictures.to) return null;
  const { times } = pictures, number = times.findLastIndex((each) => each <= time + EPSILON) + direction;
  return times[Math.min(times.length - 1, Math.max(0, number))] ?? null;
}
export function mute() { video.muted = !video.muted; press("mute", video.muted); }
export function loop() { press("loop", !pressed("loop")); }
export function fullscreen() { if (document.fullscreenElement) document.exitFullscreen(); else video.requestFullscreen?.(); }
export function speed(direction, wrap = false) {
  const goal = SPEEDS.indexOf(video.playbackRate) + direction;
  video.playbackRate = SPEEDS[wrap ? goal % SPEEDS.length : Math.min(SPEEDS.length - 1, Math.max(0, goal))];
  byId("speed").textContent = `${video.playbackRate}×`;
}

/* Callbacks that receive the time: when it has changed, at most once a picture while the video plays, and when told to. */
const followers = [];
export function onTime(follower) { followers.push(follower); }
let toldState = "";
const playerState = () => [now(), shownTime(), video.paused].join();
export function follow() {
  const time = Math.min(now(), media.duration);
  toldState = playerState();
  for (const follower of followers) follower(time);
}
function notice() { if (playerState() !== toldState) follow(); }
for (const name of ["timeupdate", "seeked", "loadedmetadata", "play", "pause", "ended"]) video.addEventListener(name, notice);
video.addEventListener("click", toggle);
function keepUp() { notice(); if (!video.paused) requestAnimationFrame(keepUp); }
video.addEventListener("play", keepUp);
