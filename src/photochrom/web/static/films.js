// Films: each is coloured in the background, and then given as a file.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { named, save } from "./downloads.js";
import { during, failed, say } from "./messages.js";
import { Shots, shotAt } from "./shots.js";
import { Things } from "./things.js";
import { t } from "./words.js";

const PAUSE = 500; // milliseconds between questions how far it is
const pause = () => new Promise((done) => setTimeout(done, PAUSE));

const busy = (film) => ["waiting", "working"].includes(film.work?.state);
// Its hints are points in the frame that is shown, and hold for what looks the same in others.
const wanted = ({ options, choices: { things }, film }) => {
  const { strokes, ...others } = options;
  return { ...others, things, format: film.format };
};
const TRIAL = 5; // seconds of a film that are coloured as a trial
const SHEET = "jpg"; // the format of a contact sheet
const minutes = (seconds) =>
  seconds < 90 ? t("{count} s", { count: Math.ceil(seconds) }) : t("{count} minutes", { count: Math.round(seconds / 60) });

function describe({ state, share, seconds, trial, format }) {
  if (state === "waiting") return t("Waits for another film …");
  if (state === "working") {
    const percent = Math.floor(100 * share);
    return share > 0 && seconds > 2
      ? t("Colouring: {percent} %, {rest} left", { percent, rest: minutes(seconds * (1 - share) / share) })
      : t("Colouring: {percent} %", { percent });
  }
  if (state === "done" && format === SHEET) return t("The contact sheet is done, in {time}.", { time: minutes(seconds) });
  if (state === "done" && trial) return t("The piece is done, in {time}.", { time: minutes(seconds) });
  return state === "done" ? t("Done, in {time}.", { time: minutes(seconds) }) : "";
}

export class Films {
  // `reframed(photo)` is told that a film shows another frame; `recolour(change)` changes what is
  // chosen for things.
  constructor({ photo, play, reframed, recolour }) {
    Object.assign(this, { photo, play, reframed });
    this.shots = new Shots({ photo, go: (one, seconds) => this.chooseFrame(one, seconds) });
    this.things = new Things({ photo, shots: this.shots, edit: recolour });
  }

  // Colour some seconds, from the beginning of the shot that is shown, or from the frame, and play them.
  try(photo) {
    const { film } = photo, from = film.at === null ? 0 : shotAt(film, film.at)?.begin ?? film.at;
    const start = Math.max(0, Math.min(from, film.seconds - TRIAL));
    return this.begin(photo, { format: "mp4", start, seconds: TRIAL }, () => this.play.begin());
  }

  // Colour a frame every so many seconds, and save them on a contact sheet.
  sheet(photo) {
    return this.begin(photo, { format: SHEET, every: $("film-every").value }, () => this.download(photo));
  }

  // Colour a film, or what `piece` says of it; and `then`, if it is still in the viewer.
  begin(photo, piece = {}, then = () => {}) {
    const chosen = wanted(photo);
    this.play.end();
    return during("film", "", async () => {
      photo.film.work = await inSession(photo, () => api.beginFilm(photo.id, { ...chosen, ...piece }));
      photo.film.chosen = JSON.stringify(chosen);
      while (photo.film.followed) await pause(); // by who asked before it was begun
      await this.follow(photo);
      if (photo.film.work?.state !== "done") return;
      if (photo === this.photo()) await then();
      // To find them is little work once all of it was coloured, or its shots are known.
      if (!photo.film.work.trial || photo.film.search?.state === "done") await this.things.find(photo);
    });
  }

  // Show another frame, for colour points: those of the frame before are gone with it.
  chooseFrame(photo, seconds) {
    this.play.end();
    return during("film", "", async () => {
      const told = await inSession(photo, () => api.frame(photo.id, seconds));
      URL.revokeObjectURL(photo.before);
      Object.assign(photo, { id: told.id, shownAs: null, before: URL.createObjectURL(await api.original(told.id)) });
      Object.assign(photo.film, { at: seconds, work: null });
      this.reframed(photo);
    });
  }

  // Save what is chosen, and the shots that it holds for, as `photochrom colorize --project` takes it.
  project(photo) {
    const { format, ...chosen } = wanted(photo);
    return during("film", "", async () => {
      if (photo.film.search?.state !== "done") await this.shots.find(photo);
      if (photo.film.search?.state !== "done") return;
      const project = await inSession(photo, () => api.filmProject(photo.id, { ...chosen, filename: photo.name }));
      save(URL.createObjectURL(project), named(photo, ".toml", "project"));
    });
  }

  stop(photo) {
    return during("film", "", () => api.stopFilm(photo.id));
  }

  download(photo) {
    return during("film", "", async () =>
      save(await api.filmAddress(photo.id), named(photo, `.${photo.film.work.format}`, photo.film.work.format === SHEET ? "sheet" : "colour")));
  }

  // Ask how far a film is until it goes on no longer.
  async follow(photo) {
    const { film } = photo;
    if (!film || film.followed) return;
    film.followed = true;
    try {
      do {
        film.work = await api.film(photo.id);
        this.draw();
        if (busy(film)) await pause();
      } while (busy(film));
      if (film.work.state === "failed") say("film", `${photo.name}: ${film.work.detail}`);
      if (film.work.state === "done" && !film.chosen && !film.work.trial) film.format = film.work.format; // after a reload
    } catch (error) {
      film.work = null;
      if (error.status !== 410) failed("film", error, () => this.follow(photo));
    }
    film.followed = false;
    this.draw();
  }

  draw() {
    const { film } = this.photo() ?? {};
    $("save-photo").hidden = Boolean(film);
    $("save-film").hidden = $("film-tools").hidden = !film;
    this.shots.draw();
    this.things.draw();
    if (!film) return;
    const working = busy(film), chosen = JSON.stringify(wanted(this.photo()));
    const ready = film.work?.state === "done" && (!film.chosen || film.chosen === chosen);
    const done = ready && !film.work.trial;
    $("film-format").value = film.format;
    $("film-format").disabled = working;
    $("film-begin").hidden = working || done;
    $("film-try").hidden = working || done || film.seconds <= TRIAL;
    $("film-pieces").hidden = working;
    $("film-play").hidden = !ready || film.work.format === SHEET;
    $("film-frame").max = film.seconds;
    $("film-frame").disabled = working;
    $("film-frame").value = film.at ?? film.seconds / 3;
    $("film-frame-value").textContent = t("{count} s", { count: Number($("film-frame").value).toFixed(1) });
    $("film-stop").hidden = !working;
    $("film-download").hidden = !done;
    $("film-progress").hidden = !working;
    $("film-progress").value = film.work?.share ?? 0;
    $("film-status").setAttribute("aria-busy", String(working)); // to be read out at the end
    $("film-status").textContent = film.work && (working || ready) ? describe(film.work) : "";
  }
}
