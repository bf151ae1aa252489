// The page: photographs, one of them on the stage, and what is chosen for it.

import { Photo, again, remember, remembered } from "./album.js";
import * as api from "./api.js";
import { Compare } from "./compare.js";
import { Details } from "./details.js";
import { $, button, make, refill } from "./dom.js";
import * as downloads from "./downloads.js";
import { watch } from "./drops.js";
import { Films } from "./films.js";
import { Guides } from "./guides.js";
import { busy, during, say } from "./messages.js";
import { Places } from "./places.js";
import { Sliders } from "./sliders.js";
import { Stage } from "./stage.js";

let photos = [];
let current = null;
let steerable = false; // whether the model takes hints
const standard = { vividness: 0.5, size: 192 };
const photo = () => current;

const compare = new Compare(() => details.ask());
const stage = new Stage({
  stage: $("stage"), view: $("view"), marks: $("marks"), tells: $("tells"), compare,
  place: (x, y) => steerable && places.add(x, y),
  move: (number, x, y, by) => places.move(number, x, y, by),
  select: (number) => places.select(number),
  remove: (number) => places.remove(number),
  drawn(box, seen) {
    $("farther").disabled = $("whole").disabled = stage.scale === 1;
    places.follow(box, seen);
    details.ask();
  },
});
const details = new Details({ stage, photo });
const films = new Films({ photo });
const guides = new Guides({ photo, choose: (one, base) => choose(one, { ...one.choices, base }) });
const places = new Places({
  photo, stage, guides,
  edit: (change, by) => choose(current, { ...current.choices, hints: change(current.choices.hints) }, by),
  drop: () => choose(current, { ...current.choices, base: null }),
});
const sliders = new Sliders((name, value, by) => choose(current, { ...current.choices, [name]: value }, by));

// --- Photographs -----------------------------------------------------------------------------

// The first photograph goes on the stage; others are added beside the one that is worked on.
async function add(files) {
  const failed = [];
  say("add", "");
  for (const file of files) {
    const name = file.name || "photograph";
    busy("add", `Opening ${name} …`);
    try {
      const added = new Photo({ ...await api.upload(file), name, size: file.size, file }, standard);
      await open(added);
      if (!current) show(added);
      else await develop(added);
    } catch (error) {
      failed.push(`${name}: ${error.message.replace(/^The (picture|film):? /, "")}`);
      say("add", failed.join("\n"));
    }
  }
  busy("add", "");
}

async function open(added) {
  added.before = URL.createObjectURL(await api.original(added.id));
  photos.push(added);
  remember(photos, current);
  strip();
}

// After a reload the server may have the photographs still.
async function reopen() {
  const { open: kept, current: at } = remembered(), lost = [];
  for (const one of kept) {
    try {
      await open(new Photo(one, standard));
    } catch {
      lost.push(one.name);
    }
  }
  const named = photos.find((one) => one.id === kept[at]?.id) ?? photos[0];
  if (named) show(named);
  if (lost.length)
    say("add", `No longer kept here: ${lost.join(", ")}. Add again what you want: what you chose for it comes back.`);
}

function close(closed) {
  const at = photos.indexOf(closed);
  photos = photos.filter((one) => one !== closed);
  for (const url of [closed.before, closed.after]) if (url) URL.revokeObjectURL(url);
  if (asking?.photo === closed) asking.abort();
  guides.forget(closed);
  api.forget(closed.id);
  show(photos[at] ?? photos.at(-1) ?? null);
  (current ? $("stage") : $("files")).focus();
}

function show(shown) {
  current = shown;
  places.selected = null;
  $("welcome").hidden = Boolean(current);
  $("studio").hidden = !current;
  remember(photos, current);
  strip();
  if (!current) return;
  details.clear();
  $("before").src = current.before;
  $("after").src = current.after ?? current.before;
  stage.fit(current.width, current.height);
  stage.rings(current.tells ?? []);
  $("facts").textContent = facts(current);
  films.follow(current);
  draw();
  paint();
}

const facts = ({ name, width, height, film }) => `${name}, ${width} × ${height} pixels`
  + (film ? `, ${film.seconds.toFixed(1)} s. What you see is one frame of it.` : ". The download has them all.");

// --- Colouring -------------------------------------------------------------------------------

const wanted = (one) => JSON.stringify(one.shown);
let asking = null; // the previews of one photograph that are under way

// One preview is asked for at a time; what was chosen meanwhile is asked for after it.
async function paint() {
  if (asking?.photo === current) return;
  asking?.abort();
  const mine = asking = Object.assign(new AbortController(), { photo: current });
  busy("paint", "Colouring …");
  try {
    while (mine === asking && current && current.painted !== wanted(current)) await develop(current, mine.signal);
    say("paint", "");
  } catch (error) {
    if (error.name !== "AbortError") say("paint", error.message);
  }
  if (asking !== mine) return;
  asking = null;
  busy("paint", "");
}

async function develop(one, signal) {
  const showing = wanted(one);
  const blob = await again(one, () => api.preview(one.id, one.shown, signal));
  one.tells = one.doubts ? await again(one, () => api.doubts(one.id, one.options, signal)) : [];
  if (one.after) URL.revokeObjectURL(one.after);
  one.after = URL.createObjectURL(blob);
  one.painted = showing;
  strip();
  if (one !== current) return;
  $("after").src = one.after;
  stage.rings(one.tells);
  details.clear(["after"]);
  details.ask();
}

// --- Choices ---------------------------------------------------------------------------------

function choose(one, choices, by) {
  one.choose(choices, by);
  if (one === current) changed();
}

function changed() {
  draw();
  paint();
}

const undo = () => { current.undo(); changed(); };
const redo = () => { current.redo(); changed(); };

function draw() {
  $("undo").disabled = !current.done.length;
  $("redo").disabled = !current.undone.length;
  $("doubts-shown").setAttribute("aria-pressed", String(Boolean(current.doubts)));
  $("doubts-told").hidden = !current.doubts;
  $("hint-tools").hidden = $("marks-shown").hidden = !steerable;
  $("guide-tools").hidden = !steerable || Boolean(current.film);
  sliders.draw(current.choices, standard);
  films.draw();
  guides.draw();
  places.draw();
}

function strip() {
  $("download-all").hidden = photos.filter((one) => !one.film).length < 2;
  refill($("strip"), photos.length < 2 ? [] : photos.map((one, at) => button("", {
    "data-key": `photo-${at}`, "aria-label": `Show ${one.name}`, title: one.name,
    "aria-current": String(one === current), onclick: () => show(one),
  }, make("img", { src: one.after ?? one.before, alt: "" }))));
}

// --- Events ----------------------------------------------------------------------------------

function whenClicked(works) {
  for (const [id, work] of Object.entries(works)) $(id).addEventListener("click", work);
}

const lend = (file) => guides.lend(current, file);

whenClicked({
  undo, redo,
  closer: () => stage.closer(),
  farther: () => stage.farther(),
  whole: () => stage.fit(current.width, current.height),
  "hint-middle": async () => {
    const { left, top, width, height } = stage.part, [ring] = current.tells ?? [];
    await places.add(Math.floor(ring?.x ?? left + width / 2), Math.floor(ring?.y ?? top + height / 2));
    $("marks").lastElementChild?.focus({ preventScroll: true });
  },
  "hint-none": () => choose(current, { ...current.choices, hints: [] }),
  "doubts-shown": () => {
    current.doubts = !current.doubts;
    changed();
  },
  propose: () => guides.propose(current),
  download: () => downloads.one(current),
  "download-all": () => downloads.all(photos.filter((one) => !one.film)),
  "film-begin": () => films.begin(current),
  "film-stop": () => films.stop(current),
  "film-download": () => films.download(current),
  add: () => $("files").click(),
  close: () => close(current),
});
for (const [id, work] of Object.entries({ files: add, reference: ([file]) => lend(file) })) {
  $(id).addEventListener("change", async () => {
    const files = [...$(id).files];
    if (files.length) await work(files);
    $(id).value = "";
  });
}
$("film-format").addEventListener("change", ({ target }) => {
  current.film.format = target.value;
  films.draw();
});
watch({ add, lend });
$("controls").addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", (event) => {
  if (!current || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  (event.shiftKey ? redo : undo)();
});

await during("start", "", async () => {
  const [info] = (await api.models()).filter((model) => model.name === "vivid");
  steerable = Boolean(info?.guides);
  standard.vividness = info?.vividness ?? standard.vividness;
  standard.size = info?.size ?? standard.size;
  await reopen();
});
document.documentElement.dataset.ready = "yes";
