// The page: photographs, one of them on the stage, and what was chosen for each.

import * as api from "./api.js";
import { Guides } from "./guides.js";
import { Stage } from "./stage.js";
import { zip } from "./zip.js";

const KEPT = "photochrom-choices";
const $ = (id) => document.getElementById(id);
const photos = [];
let current = null;
let takesHints = false;
let selected = null; // the number of the place whose suggested colours are shown
let standard = { vividness: 0.5, size: 192 };

const stage = new Stage({
  stage: $("stage"), view: $("view"), marks: $("marks"),
  place,
  move: (number, x, y) => {
    selected = number;
    edit((hints) => hints.map((hint, at) => at === number ? [x, y, hint[2]] : hint));
  },
  select: (number) => { selected = number; draw(); },
  remove,
});
const guides = new Guides({
  again, work: notice, setHints: (hints) => { selected = null; edit(() => hints); },
});

// --- Photographs -----------------------------------------------------------------------------

async function add(files) {
  for (const file of files) {
    say("");
    busy("Opening …");
    try {
      const session = await api.upload(file);
      const photo = { ...session, name: file.name || "photograph", size: file.size, undone: [], done: [] };
      photo.choices = kept()[key(photo)] ?? { ...standard, hints: [] };
      photo.before = URL.createObjectURL(await api.original(session.id));
      photo.file = file;
      photos.push(photo);
      await show(photo);
    } catch (error) {
      say(`${file.name || "The picture"}: ${error.message}`);
    }
    busy("");
  }
}

async function show(photo) {
  if (photo !== current) guides.forget();
  current = photo;
  selected = null;
  $("welcome").hidden = true;
  $("studio").hidden = false;
  $("before").src = photo.before;
  $("after").src = photo.after ?? photo.before;
  stage.fit(photo.width, photo.height);
  $("vividness").value = photo.choices.vividness;
  $("size").value = photo.choices.size;
  $("facts").textContent = `${photo.name}, ${photo.width} × ${photo.height} pixels. The download has them all.`;
  draw();
  await paint();
}

const COLOURING = "Colouring …";
let asking = null; // cancels the preview that is under way
async function paint() {
  const photo = current;
  asking?.abort();
  const mine = asking = new AbortController();
  busy(COLOURING);
  try {
    const blob = await again(photo, () => api.preview(photo.id, photo.choices, mine.signal));
    if (photo.after) URL.revokeObjectURL(photo.after);
    photo.after = URL.createObjectURL(blob);
    say("");
    if (photo === current) $("after").src = photo.after;
    strip();
  } catch (error) {
    if (error.name !== "AbortError") say(error.message);
  }
  if (asking === mine) {
    asking = null;
    busy("");
  }
}

// The server forgets a picture after a while: then it is sent again.
async function again(photo, work) {
  try {
    return await work();
  } catch (error) {
    if (error.status !== 410) throw error;
    photo.id = (await api.upload(photo.file)).id;
    return work();
  }
}

// --- Choices, undone and kept ----------------------------------------------------------------

function choose(choices, { undoable = true } = {}) {
  if (undoable) {
    current.done.push(current.choices);
    current.undone = [];
  }
  current.choices = choices;
  const all = kept();
  all[key(current)] = choices;
  sessionStorage.setItem(KEPT, JSON.stringify(all));
  draw();
  paint();
}

const edit = (change) => choose({ ...current.choices, hints: change(current.choices.hints) });

// A new place has the colour that is likeliest there, until another is chosen.
async function place(x, y) {
  if (!takesHints) return;
  const photo = current;
  await notice("Looking …", async () => {
    const [colour] = await guides.suggest(photo, x, y);
    if (photo !== current) return;
    selected = photo.choices.hints.length;
    edit((hints) => [...hints, [x, y, colour ?? "#888888"]]);
  });
}

function recolour(number, colour) {
  selected = number;
  edit((hints) => hints.map(([x, y, old], at) => [x, y, at === number ? colour : old]));
}

function remove(number) {
  selected = null;
  edit((hints) => hints.filter((_, at) => at !== number));
}

const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
const key = (photo) => `${photo.name} ${photo.size}`;

function step(from, to) {
  if (!from.length) return;
  to.push(current.choices);
  choose(from.pop(), { undoable: false });
  $("vividness").value = current.choices.vividness;
  $("size").value = current.choices.size;
}
const undo = () => step(current.done, current.undone);
const redo = () => step(current.undone, current.done);

// --- Drawing ---------------------------------------------------------------------------------

function draw() {
  const { hints } = current.choices;
  stage.hints(hints);
  $("undo").disabled = !current.done.length;
  $("redo").disabled = !current.undone.length;
  $("hint-none").hidden = hints.length < 2;
  $("hints").replaceChildren(...hints.map(line));
}

function line([x, y, colour], number) {
  const item = document.createElement("li");
  const swatch = Object.assign(document.createElement("input"), { type: "color", value: colour });
  swatch.setAttribute("aria-label", `Colour of place ${number + 1}`);
  swatch.addEventListener("change", () => recolour(number, swatch.value));
  const text = Object.assign(document.createElement("span"), { textContent: `Place ${number + 1}` });
  const gone = Object.assign(document.createElement("button"), { type: "button", textContent: "Remove" });
  gone.setAttribute("aria-label", `Remove place ${number + 1}`);
  gone.addEventListener("click", () => remove(number));
  item.append(swatch, text, gone);
  if (number === selected) {
    guides.suggest(current, x, y).then((colours) => {
      item.append(guides.swatches(colours, colour, (chosen) => recolour(number, chosen)));
      item.scrollIntoView({ block: "nearest" });
    }).catch((error) => say(error.message));
  }
  return item;
}

function strip() {
  $("download-all").hidden = photos.length < 2;
  $("strip").replaceChildren(...(photos.length < 2 ? [] : photos.map((photo) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.setAttribute("aria-label", `Show ${photo.name}`);
    button.setAttribute("aria-current", String(photo === current));
    button.append(Object.assign(document.createElement("img"), { src: photo.after ?? photo.before, alt: "" }));
    button.addEventListener("click", () => show(photo));
    return button;
  })));
}

const busy = (text) => { $("busy").textContent = text; };
function say(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

// --- Downloads -------------------------------------------------------------------------------

const ENDING = { jpeg: ".jpg", png: ".png", tiff: ".tif" };
const title = (photo) => photo.name.replace(/\.[^.]*$/, "") + "-colour" + ENDING[$("format").value];
const full = (photo) =>
  again(photo, () => api.picture(photo.id, { ...photo.choices, format: $("format").value }));

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function notice(text, work) {
  busy(text);
  say("");
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
  busy(asking ? COLOURING : "");
}

const LARGE = "Colouring at full size …";
const one = () => notice(LARGE, async () => save(await full(current), title(current)));
const all = () => notice(LARGE, async () => {
  const files = [], names = new Map();
  for (const [number, photo] of photos.entries()) {
    busy(`Colouring at full size, ${number + 1} of ${photos.length} …`);
    const name = title(photo), seen = names.get(name) ?? 0;
    names.set(name, seen + 1);
    files.push({ name: seen ? name.replace(/(\.\w+)$/, `-${seen + 1}$1`) : name, blob: await full(photo) });
  }
  save(await zip(files), "photochrom.zip");
});

// --- Events ----------------------------------------------------------------------------------

const split = () => $("after").style.setProperty("clip-path", `inset(0 0 0 ${$("split").value}%)`);
$("split").addEventListener("input", split);
for (const name of ["vividness", "size"])
  $(name).addEventListener("change", () => choose({ ...current.choices, [name]: Number($(name).value) }));
$("files").addEventListener("change", () => add([...$("files").files]).then(() => { $("files").value = ""; }));
$("hint-middle").addEventListener("click", () => place(Math.floor(current.width / 2), Math.floor(current.height / 2)));
$("hint-none").addEventListener("click", () => { selected = null; edit(() => []); });
$("propose").addEventListener("click", () => guides.propose(current));
$("reference").addEventListener("change", async () => {
  const [file] = $("reference").files;
  if (file) await guides.reference(current, file);
  $("reference").value = "";
});
$("undo").addEventListener("click", undo);
$("redo").addEventListener("click", redo);
$("download").addEventListener("click", one);
$("download-all").addEventListener("click", all);
$("controls").addEventListener("submit", (event) => event.preventDefault());

addEventListener("keydown", (event) => {
  if (!current || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  (event.shiftKey ? redo : undo)();
});
addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (files.length) add(files);
});
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  add([...event.dataTransfer.files]);
});

try {
  const [info] = (await api.models()).filter((model) => model.name === "vivid");
  takesHints = Boolean(info?.guides);
  standard = { vividness: info?.vividness ?? 0.5, size: info?.size ?? 192 };
} catch (error) {
  say(error.message);
}
$("hint-tools").hidden = $("guide-tools").hidden = !takesHints;
document.documentElement.dataset.ready = "yes";
