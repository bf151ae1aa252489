// The server, as functions. A failed request throws an Error whose message is a sentence; it is
// `offline` when there was no answer, and `passing` when another try may succeed.

import { isFilm } from "./kinds.js";
import { t } from "./words.js";

const { films, maxBytes, maxFilmBytes } = document.documentElement.dataset;
const { megabytes, megapixels, gigabytes } = document.getElementById("limits").dataset;

// What this engine can do, of what not every engine can: the formats that it saves, and those of clips.
export const can = { saves: ["jpeg", "png", "tiff"], clips: films === "no" ? ["gif"] : ["mp4", "gif"] };

// What it opens, in a sentence.
export const opens = gigabytes
  ? t("JPEG, PNG, TIFF, WebP, AVIF or HEIC, up to {megabytes} MB and {megapixels} megapixels; films, up to {gigabytes} GB.", { megabytes, megapixels, gigabytes })
  : t("JPEG, PNG, TIFF, WebP, AVIF or HEIC, up to {megabytes} MB and {megapixels} megapixels.", { megabytes, megapixels });

const TOKEN = "photochrom-token";
const TRIES = 5; // of a request that is put off
const LONGEST = 10; // seconds to wait before each

async function ask(path, options = {}, tries = TRIES) {
  const token = sessionStorage.getItem(TOKEN);
  const answer = await send(path, options, token);
  if (answer.status === 401) {
    if (token === sessionStorage.getItem(TOKEN)) await newToken(Boolean(token));
    return ask(path, options, tries);
  }
  if (answer.status === 429 && tries > 1) {
    await rest(Math.min(LONGEST, Number(answer.headers.get("Retry-After")) || 1), options.signal);
    return ask(path, options, tries - 1);
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    const error = new Error(sentence(problem.detail ?? t("Something went wrong.")));
    error.status = answer.status;
    error.passing = answer.status >= 500 || [408, 429].includes(answer.status);
    throw error;
  }
  return answer;
}

// Have the token asked for, once for all requests that wait for it; `wrong` if there was another.
let wanted = null, asking;
function newToken(wrong) {
  return wanted ??= asking(wrong).then((token) => {
    sessionStorage.setItem(TOKEN, token);
    wanted = null;
  });
}

// `work(wrong)` asks for the token when the server wants it.
export const whenTokenIsWanted = (work) => { asking = work; };

async function send(path, options, token) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    return await (options.progressed ? sendFile : fetch)(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error(t("Photochrom does not answer.")), { offline: true });
  }
}

// Send a body as `fetch` does; `progressed` is told which share of it has been sent.
function sendFile(path, { method, headers, body, signal, progressed }) {
  return new Promise((done, stop) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.responseType = "blob";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progressed(loaded / total);
    request.onload = () => done(new Response(request.response, {
      status: request.status, headers: { "Retry-After": request.getResponseHeader("Retry-After") ?? "" },
    }));
    request.onerror = () => stop(new Error("no answer"));
    request.onabort = () => stop(signal.reason);
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

const rest = (seconds, signal) => new Promise((done, stop) => {
  setTimeout(done, 1000 * seconds);
  signal?.addEventListener("abort", () => stop(signal.reason), { once: true });
});

function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : first + ".";
}

const fields = (options) =>
  new URLSearchParams(Object.entries(options).map(([name, value]) =>
    [name, typeof value === "object" ? JSON.stringify(value) : String(value)]));
const json = async (path, options) => (await ask(path, options)).json();
const blob = async (path, options) => (await ask(path, options)).blob();
// A form, and not a query: a thousand hints would be too long for an address.
const form = (options, signal) => ({ method: "POST", body: fields(options), signal });

// What is said of the model that colours.
export const model = async () => (await json("v1/models")).find(({ name }) => name === "vivid");

// Whether the server is there.
export const answers = () => fetch("healthz").then(({ ok }) => ok, () => false);

// Keep a file on the server. `progressed` is told which share of it has been sent.
export async function upload(file, { film = isFilm(file), signal, progressed = () => {} } = {}) {
  const most = Number(film ? maxFilmBytes : maxBytes);
  if (file.size > most) throw new Error(t("It is larger than {megabytes} MB, the most that is taken here.", { megabytes: Math.floor(most / 2 ** 20) }));
  try {
    return await json(film ? "v1/films" : "v1/sessions", { method: "POST", body: file, signal, progressed });
  } catch (error) {
    if (error.offline) await readable(file);
    throw error;
  }
}

// A folder, or a file that has been removed, cannot be sent, which looks like no answer.
const readable = (file) => file.slice(0, 1).arrayBuffer().catch(() => {
  throw new Error(t("It cannot be read. Was it moved or removed?"));
});

// Say that the photo is shown, so that it is not forgotten. Gives what `upload` does.
export const hold = (id) => json(`v1/sessions/${id}`);

// The photo's file as it came.
export const file = (id) => blob(`v1/sessions/${id}/file`);

// The photo as it is, whole or a part {left, top, width, height}.
export const original = (id, part = {}, signal) => blob(`v1/sessions/${id}/original?${fields(part)}`, { signal });

// The photo in colour, at the size of a screen.
export const preview = (id, options, signal) => blob(`v1/sessions/${id}/preview`, form(options, signal));

// Uncertain points, one of each kind of thing: [{x, y, uncertainty, colours}].
export const uncertainPoints = async (id, options, signal) => (await json(`v1/sessions/${id}/doubts`, form(options, signal))).places;

// How far the colours may be wrong over the whole photo, in Lab units, as the model expects.
export const doubt = async (id, options) => (await json(`v1/sessions/${id}/doubts`, form(options))).mean;

export const picture = (id, options) => blob(`v1/sessions/${id}/picture`, form(options));

// A clip of four seconds in which colour sweeps over the photo.
export const wipe = (id, options) => blob(`v1/sessions/${id}/wipe`, form(options));

// Colours that a point may well have, likeliest first.
export const suggestions = async (id, x, y) => (await json(`v1/sessions/${id}/colours?${fields({ x, y })}`)).colours;

// What a colour point would colour that reaches so far: a coarse picture, white where it does.
export const reach = (id, x, y, far) => blob(`v1/sessions/${id}/reach?${fields({ x, y, reach: far })}`);

// The hints that colour a photo as another one is, the colours without them, how much of the
// photo looks like the other, and the other's palette, {hints, own, share, palette}.
export const reference = (id, file) => json(`v1/sessions/${id}/reference`, { method: "POST", body: file });

// A film: how far it is, {state, share, seconds, detail}; it is begun, stopped, and given as a file.
export const film = (id) => json(`v1/sessions/${id}/film`);
export const beginFilm = (id, options) => json(`v1/sessions/${id}/film`, form(options));
// The shots of a film, and how far the search for them is, {state, share, detail, shots}; and a still of one.
export const shots = (id) => json(`v1/sessions/${id}/film/shots`);
export const still = (id, number) => blob(`v1/sessions/${id}/film/still?${fields({ number })}`);
// The things that are remembered of a film as it was coloured last, {state, share, detail, things}; and a picture of one.
export const things = (id) => json(`v1/sessions/${id}/film/things`);
export const thing = (id, number) => blob(`v1/sessions/${id}/film/thing?${fields({ number })}`);
// What is chosen for a film, as a project.
export const filmProject = (id, options) => blob(`v1/sessions/${id}/film/project`, form(options));
// Show the frame of a film at so many seconds. Gives what `upload` does, under a new name.
export const frame = (id, seconds) => json(`v1/sessions/${id}/frame`, form({ seconds }));
export const stopFilm = (id) => ask(`v1/sessions/${id}/film`, { method: "DELETE" });
const filmFile = (id) => `v1/sessions/${id}/film/file`;
// Its address, where the browser can fetch it by itself: it may be larger than memory.
export const filmAddress = async (id) =>
  sessionStorage.getItem(TOKEN) ? URL.createObjectURL(await blob(filmFile(id))) : filmFile(id);

export const forget = (id) => ask(`v1/sessions/${id}`, { method: "DELETE" }).catch(() => {});
