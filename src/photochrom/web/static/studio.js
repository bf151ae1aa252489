// The page: photos, one of them in the viewer, and what is chosen for it.

import { Photo, inSession, remember, sendAgain } from "./album.js";
import * as api from "./api.js";
import { watchBar } from "./bar.js";
import { Blend } from "./blend.js";
import { Compare } from "./compare.js";
import { $, button, make, refill } from "./dom.js";
import * as downloads from "./downloads.js";
import { watch } from "./dropzone.js";
import { inFolder } from "./folders.js";
import { Films } from "./films.js";
import { History } from "./history.js";
import { Hints } from "./hints.js";
import { during, failed, say } from "./messages.js";
import { Opening } from "./opening.js";
import { Pair } from "./pair.js";
import { Play } from "./play.js";
import { Previews } from "./previews.js";
import { Queue } from "./queue.js";
import { Region } from "./region.js";
import { reveal, watchSpace } from "./reveal.js";
import * as samples from "./samples.js";
import * as share from "./share.js";
import * as shelf from "./shelf.js";
import { Sliders } from "./sliders.js";
import { Strokes } from "./strokes.js";
import { Table } from "./table.js";
import { askForToken } from "./token.js";
import { Tour } from "./tour.js";
import { Variants } from "./variants.js";
import { Viewer } from "./viewer.js";
import { offer, t, translate } from "./words.js";

translate();
offer($("language"));
$("limits").textContent = api.opens;
// What the engine cannot do is not offered.
if (api.can.opens) $("files").accept = $("reference").accept = api.can.opens;
for (const [id, formats] of [["format", api.can.saves], ["wipe-format", api.can.clips]])
  for (const option of [...$(id).options]) if (!formats.includes(option.value)) option.remove();
$("clip").hidden = !api.can.clips.length;

let photos = [];
let current = null;
let pending = null; // an image of the file that is coming
let steerable = false; // whether the model takes hints
let ratio = 1; // of the chroma of the most vivid picture to that of the least
const standard = { vividness: 0.5, size: 192 };
const photo = () => current;
const HELD = 240_000; // milliseconds between the times that the server hears which photos are open

const compare = new Compare(() => region.ask());
const viewer = new Viewer({
  element: $("viewer"), view: $("view"), points: $("points"), rings: $("rings"), compare,
  press: (x, y) => current && $("film").hidden && steerable && !current.choices.own && hints.press(x, y),
  paint: (event, at) => strokes.hold(event, at),
  move: (number, x, y, by) => hints.move(number, x, y, by),
  select: (number) => hints.select(number),
  remove: (number) => hints.remove(number),
  drawn(box) {
    canShrink(viewer);
    hints.follow(box);
    region.ask();
  },
});
const region = new Region({ viewer, photo });
const play = new Play({ photo, shown: (whether) => {
  if (whether && pair.open) pairUp(false);
  if (whether) hints.close();
  viewer.draw();
} });
const films = new Films({ photo, play, reframed: (one) => {
  one.choose({ ...one.choices, hints: [] });
  note();
  if (one === current) show(one);
}, recolour: (change) => choose(current, { ...current.choices, things: change(current.choices.things) }) });
const variants = new Variants({
  photo, offered: ({ film, choices: { own } }) => steerable && !film && !own,
  choose: (one, base) => choose(one, { ...one.choices, base }),
  drawn: () => pair.drawSides(),
});
const canShrink = ({ scale }) => { $("farther").disabled = $("whole").disabled = scale === 1; };
const pair = new Pair({ photo, drawn: canShrink, use: ({ name, look }) => choose(current, { ...current.choices, base: Object.keys(look).length ? { name, look } : null }) });
const previews = new Previews({
  photo,
  developed: (one) => {
    table.draw();
    history.note(one);
  },
  drawn(shown) {
    viewer.showRings(shown.rings);
    blend.drawn(shown);
    tour.draw();
    reveal(shown, compare.share);
    region.clear(["after"]);
    region.ask();
    variants.rest();
    pair.drawSides();
  },
});
const hints = new Hints({
  photo, viewer,
  edit: (change, by) => choose(current, { ...current.choices, hints: change(current.choices.hints) }, by),
  drop: (choices) => choose(current, { ...current.choices, ...choices }),
  show: () => previews.show(),
  colourAt: (...point) => previews.colourAt(...point),
  suggest: (...point) => variants.suggest(...point),
  reach: (one, ...point) => inSession(one, () => api.reach(one.id, ...point)),
});
const strokes = new Strokes({
  photo, viewer,
  edit: (change) => choose(current, { ...current.choices, strokes: change(current.choices.strokes) }),
  held: (tool) => { if (tool) hints.close(); },
});
const blend = new Blend({ photo, look: (...asked) => previews.look(...asked), ratio: () => ratio });
const history = new History({ photo, went: () => changed() });
const queue = new Queue(develop);
const table = new Table({
  photos: () => photos, photo, show: (one) => show(one),
  waiting: (one) => queue.has(one),
  develop: (some) => queue.add(some),
  toggled(open) {
    if (!open) return;
    hints.close();
    strokes.take(null);
    queue.add(photos);
  },
});
const tour = new Tour({ photo, ask: ({ x, y }, question) => hints.question(Math.floor(x), Math.floor(y), question) });
const sliders = new Sliders((name, value, by) => choose(current, { ...current.choices, [name]: value }, by));

// --- Photos ----------------------------------------------------------------------------------

const opening = new Opening({ standard, empty: () => !current, arriving, opened });
const add = (files) => opening.add(files);

// The first file is shown at once, grey, until it is there.
function arriving(image) {
  if (pending) URL.revokeObjectURL(pending.url);
  pending = image;
  if (current) return;
  arrange();
  if (!image) return;
  $("before").src = $("after").src = image.url;
  viewer.fit(image.width, image.height);
}

// The first photo goes to the viewer; others are added beside the one that is worked on.
function opened(added) {
  photos.push(added);
  hold(added);
  if (added.file) shelf.keep(added.key, added.file);
  note();
  table.draw();
  if (!current) show(added);
  else queue.add([added]);
}

// Remember what is open, once all is back that was open before.
let back = false;
const note = () => { if (back) remember(photos, current); };

// What is open is not forgotten by the server.
const hold = (one) => api.hold(one.id).catch(() => {});
setInterval(() => photos.forEach(hold), HELD);

// A photo that is not in the viewer gets its preview, too; the strip tells how it went, and whether
// it is worth a look.
async function develop(one) {
  if (!photos.includes(one)) return;
  one.problem = null;
  try {
    if (one !== current && one.shownAs !== JSON.stringify(one.shown)) await previews.develop(one);
    if (steerable) await table.look(one);
  } catch (error) {
    one.problem = error.message;
    failed(`preview of ${one.key}`, error, () => queue.add([one]));
  }
  table.draw();
}

// Two pictures of the photo, in place of the viewer.
function pairUp(shown) {
  $("workspace").classList.toggle("in-pair", shown);
  $("viewer").hidden = shown;
  if (shown) hints.close();
  if (shown) strokes.take(null);
  pair.toggle(shown);
  if (!shown) viewer.layout();
}

// What is enlarged: both pictures, or the one in the viewer.
const zoomed = () => pair.open ? pair : viewer;

// Lay the page out for what there is: nothing, a file that is coming, or a photo.
function arrange() {
  const shown = Boolean(current ?? pending), place = $(shown ? "workspace" : "welcome");
  $("welcome").hidden = shown;
  $("studio").hidden = $("bar").hidden = !shown;
  $("controls").inert = $("tools").inert = $("bar").inert = !current;
  if ($("notices").parentElement !== place) place.prepend($("notices"));
}

// After a reload the server may have the photos still; what it has not is sent again.
async function reopen() {
  const { open: before, current: at } = shelf.open(), lost = [];
  for (const one of before) {
    try {
      const added = new Photo(one, standard);
      added.learn(await api.hold(one.id).catch((error) => {
        if (error.status !== 410) throw error;
        return sendAgain(added);
      }));
      added.before = URL.createObjectURL(await api.original(added.id));
      added.number = before.indexOf(one);
      opened(added);
    } catch {
      lost.push(one.name);
    }
  }
  back = true;
  const named = photos.find((one) => one.number === at) ?? photos[0];
  if (named) show(named);
  if (lost.length)
    say("reopen", t("No longer kept here: {names}. Add again what you want: what you chose for it comes back.", { names: lost.join(", ") }));
}

function close(closed) {
  const at = photos.indexOf(closed);
  photos = photos.filter((one) => one !== closed);
  URL.revokeObjectURL(closed.before);
  previews.forget(closed);
  variants.forget(closed);
  history.forget(closed);
  api.forget(closed.id);
  shelf.drop(closed.key);
  show(photos[at] ?? photos.at(-1) ?? null);
  (current ? $("viewer") : $("files")).focus();
}

function show(shown) {
  hints.close();
  films.things.close();
  strokes.take(null);
  play.end();
  current = shown;
  arrange();
  note();
  table.draw();
  if (!current) return;
  region.clear();
  $("before").src = current.before;
  $("after").src = current.after?.url ?? current.before;
  $("stage").className = current.height > current.width ? "upright" : "";
  viewer.fit(current.width, current.height);
  if (pair.open) pair.begun();
  viewer.showRings(current.rings ?? []);
  $("facts").textContent = facts(current);
  films.follow(current);
  draw();
  previews.show();
}

const facts = ({ name, width, height, film }) => film
  ? t("{name}, {width} × {height} pixels, {seconds} s. What you see is one frame of it.", { name, width, height, seconds: film.seconds.toFixed(1) })
  : t("{name}, {width} × {height} pixels. Saved at full size.", { name, width, height });

// --- Choices ---------------------------------------------------------------------------------

function choose(one, choices, by) {
  one.choose(choices, by);
  if (one === current) changed();
}

function changed() {
  draw();
  previews.show();
}

const undo = () => { current.undo(); changed(); };
const redo = () => { current.redo(); changed(); };

function draw() {
  $("undo").disabled = !current.done.length;
  $("redo").disabled = !current.undone.length;
  drawOwn();
  drawMissing();
  $("uncertainty-shown").setAttribute("aria-pressed", String(Boolean(current.uncertain)));
  $("uncertainty-help").hidden = !current.uncertain;
  tour.draw();
  $("hint-tools").hidden = $("points-shown").hidden = !steerable;
  $("variant-tools").hidden = !steerable || Boolean(current.film);
  sliders.draw(current.choices, standard);
  films.draw();
  variants.draw();
  hints.draw();
  strokes.draw();
  history.draw();
  drawPalette();
  for (const tool of document.querySelectorAll(".for-photo")) tool.hidden = Boolean(current.film);
}

// The palette of a period, which lies below one's own colours as a variant does.
const palettes = [...$("palette").options].map(({ value }) => value);
function drawPalette() {
  const { base } = current.choices, name = base?.look?.palette ?? "";
  $("palette").value = palettes.includes(name) && !base?.look?.warmth ? name : "";
  $("period").hidden = !steerable || Boolean(current.film || current.choices.own);
}

// A file that is cut off says so; what is missing is never coloured.
const SIDES = { bottom: t("at the bottom"), top: t("at the top"), left: t("on the left"), right: t("on the right") };
function drawMissing() {
  const { missing } = current;
  $("missing").hidden = !missing;
  if (!missing) return;
  const values = { percent: Math.max(1, Math.round(100 * missing.share)), side: SIDES[missing.side] };
  $("missing").firstElementChild.textContent = missing.share
    ? t("The file is cut off: {percent} % of the photo, {side}, is missing and stays grey.", values)
    : t("The file is cut off, and the photo is blurred. Another copy may be better.");
}

// A photo that has colours already does not lose them without a word.
function drawOwn() {
  const { hadColour, film, choices: { own } } = current;
  $("own").hidden = !hadColour;
  $("own-help").textContent = own ? t("This photo keeps its own colours. Saving it gives the file as it came.")
    : film ? t("This film has colours already. Photochrom replaces them with new ones.")
    : t("This photo has colours already. Photochrom replaces them with new ones.");
  $("own-kept").textContent = own ? t("Colour it anew") : t("Keep its colours");
  $("own-kept").hidden = Boolean(film);
  for (const tools of document.querySelectorAll("#controls fieldset:not(#save)")) tools.inert = Boolean(own);
}

// --- Events ----------------------------------------------------------------------------------

function whenClicked(works) {
  for (const [id, work] of Object.entries(works)) $(id).addEventListener("click", work);
}

const borrow = (file) => variants.borrow(current, file);

whenClicked({
  undo, redo,
  closer: () => zoomed().closer(),
  farther: () => zoomed().farther(),
  whole: () => zoomed().whole(),
  paired: () => pairUp(!pair.open),
  "add-point": async () => {
    strokes.take(null);
    const { left, top, width, height } = viewer.part, [ring] = current.rings ?? [];
    await hints.add(Math.floor(ring?.x ?? left + width / 2), Math.floor(ring?.y ?? top + height / 2));
  },
  "clear-points": () => choose(current, { ...current.choices, hints: [], strokes: [] }),
  "uncertainty-shown": () => {
    current.uncertain = !current.uncertain;
    changed();
  },
  "own-kept": () => choose(current, { ...current.choices, own: !current.choices.own }),
  download: () => downloads.one(current),
  "save-pair": () => share.beforeAndAfter(current),
  "save-wipe": () => share.wipe(current),
  "save-copy": () => share.copy(current),
  "save-project": () => share.project(current),
  share: () => share.share(current),
  "download-all": () => downloads.all(photos.filter((one) => !one.film)),
  "film-begin": () => films.begin(current),
  "film-try": () => films.try(current),
  "film-sheet": () => films.sheet(current),
  "film-project": () => films.project(current),
  "film-stop": () => films.stop(current),
  "film-download": () => films.download(current),
  add: () => $("files").click(),
  "add-folder": () => $("folder").click(),
  close: () => close(current),
});
const addFolder = (files) => add(inFolder(files));
for (const [id, work] of Object.entries({ files: add, folder: addFolder, reference: ([file]) => borrow(file) })) {
  $(id).addEventListener("change", async () => {
    const files = [...$(id).files];
    if (files.length) await work(files);
    $(id).value = "";
  });
}
$("borrow-strength").addEventListener("input", ({ target }) => {
  const base = { ...current.choices.base, strength: Number(target.value) };
  choose(current, { ...current.choices, base }, "borrow-strength");
});
$("film-frame").addEventListener("input", ({ target }) => {
  $("film-frame-value").textContent = t("{count} s", { count: Number(target.value).toFixed(1) });
});
$("film-frame").addEventListener("change", ({ target }) => films.chooseFrame(current, Number(target.value)));
$("film-format").addEventListener("change", ({ target }) => {
  current.film.format = target.value;
  films.draw();
});
$("palette").addEventListener("change", ({ target }) => {
  const { value, selectedOptions: [{ textContent: name }] } = target;
  choose(current, { ...current.choices, base: value ? { name, look: { palette: value } } : null });
});
$("jpeg-quality").addEventListener("input", ({ target }) => { $("quality-value").textContent = target.value; });
$("format").addEventListener("change", ({ target }) => { $("jpeg-quality").disabled = target.value !== "jpeg"; });
$("share").hidden = !share.canShare();
watch({ add, borrow });
samples.offer(add);
watchSpace();
watchBar({ compare: () => {
  if (pair.open) pairUp(false);
  return compare.toggle();
} });
$("controls").addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", (event) => {
  if (!current || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  (event.shiftKey ? redo : undo)();
});

api.whenTokenIsWanted(askForToken);
await during("start", "", async () => {
  const info = await api.model();
  steerable = Boolean(info?.guides);
  if (info?.gains) ratio = info.gains[1] / info.gains[0];
  standard.vividness = info?.vividness ?? standard.vividness;
  standard.size = info?.size ?? standard.size;
  await reopen();
});
document.documentElement.dataset.ready = "yes";
