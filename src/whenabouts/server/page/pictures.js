/* Where the pictures around the playhead begin, of a video whose rate varies: no grid of frames tells it. */

import { viewRequest } from "./requests.js";
import { media, now, onTime } from "./shared/video.js";

const AROUND = 30; // seconds before and after the playhead
let video = null, asked = null; // the stretch of the last request

/* The pictures of another video; none for null, or where they begin at the frames that are counted. */
export function showPictures(id) {
  video = id !== null && media.labels.varies ? id : null;
  media.pictures = null;
  renew();
}

const renew = viewRequest(() => {
  const time = now(), { pictures, duration } = media;
  if (!video) return null;
  if (pictures && (pictures.from === 0 || time > pictures.from + AROUND / 3) && (pictures.to === duration || time < pictures.to - AROUND / 3)) return null;
  asked = { from: Math.max(0, time - AROUND), to: Math.min(duration, time + AROUND) };
  return `/api/videos/${video}/pictures?${new URLSearchParams({ start: asked.from, end: asked.to })}`;
}, ({ times }) => { media.pictures = { ...asked, times }; });

onTime(() => { if (video) renew(); });
