/* The server's API: JSON in and out, one sentence when something is refused. */

export class Refused extends Error {
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
  }
}

async function sentence(response) {
  const told = await response.json().then((body) => body.error, () => null);
  return told || `The server refused with status ${response.status}.`;
}

async function ask(method, path, body, extra = {}) {
  const options = { method, headers: {}, ...extra };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options).catch(() => {
    throw new Refused("The server does not answer. Is it still running?");
  });
  if (!response.ok) throw new Refused(await sentence(response), response.status);
  return response;
}
const read = async (response) => (response.status === 204 ? null : response.json());

export const get = async (path) => read(await ask("GET", path));
export const post = async (path, body) => read(await ask("POST", path, body));
export const put = async (path, body, extra) => read(await ask("PUT", path, body, extra));
export const remove = async (path) => read(await ask("DELETE", path));

/* A file that a request makes, kept by the browser under the name the server gives it. */
export async function keep(path, body, fallback) {
  const response = await ask("POST", path, body);
  const header = response.headers.get("Content-Disposition") ?? "";
  const [, encoded] = header.match(/filename\*=(?:UTF-8|utf-8)''([^;]+)/) ?? [];
  const [, plain] = header.match(/filename="([^"]+)"/) ?? [];
  const address = URL.createObjectURL(await response.blob());
  offer(address, encoded ? decodeURIComponent(encoded) : plain ?? fallback);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
export function offer(address, name = "") {
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
}

/* Send a file; `progress` is told the share sent. Returns [promise of the video, function that cancels]. */
export function send(file, progress) {
  const request = new XMLHttpRequest();
  const video = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => progress(event.loaded / (event.total || 1));
    request.onerror = () => reject(new Refused(`${file.name} did not arrive: the connection broke.`));
    request.onabort = () => resolve(null);
    request.onload = () => {
      const body = (() => { try { return JSON.parse(request.responseText); } catch { return {}; } })();
      if (request.status === 201) resolve(body);
      else reject(new Refused(body.error || `${file.name} was refused with status ${request.status}.`));
    };
    request.open("POST", `/api/videos?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
  return [video, () => request.abort()];
}

/* Be told each state of a job until its last; `lost` where the stream ends before that. Returns a function that stops. */
export function events(id, told, lost) {
  const source = new EventSource(`/api/jobs/${id}/events`);
  source.addEventListener("job", (event) => told(JSON.parse(event.data)));
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) lost(); });
  return () => source.close();
}
