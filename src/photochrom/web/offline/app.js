// The page: what is opened, chosen and saved. All work is the worker's.

import { MODEL } from "./constants.js";

const $ = (id) => document.getElementById(id);
const SIMD = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);
const START = $("status").textContent;
let hints = [], name = "", asked = 0;

const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
let count = 0;

worker.onmessage = ({ data: { number, error, ...found } }) => {
  const [resolve, reject] = waiting.get(number);
  waiting.delete(number);
  error ? reject(new Error(error)) : resolve(found);
};
worker.onerror = () => say("This page could not start; reload it, or take a newer browser.");

const ask = (work, given = {}) =>
  new Promise((resolve, reject) => {
    waiting.set(++count, [resolve, reject]);
    worker.postMessage({ number: count, work, ...given });
  });

const say = (text) => ($("status").textContent = text);

function show(canvas, pixels) {
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

async function open(file) {
  if (!file) return;
  say(`Opening ${file.name} …`);
  await tried(async () => {
    const { before } = await ask("load", { file });
    [hints, name] = [[], file.name.replace(/\.[^.]+$/, "")];
    show($("before"), before);
    show($("after"), before);
    $("stage").hidden = $("tools").hidden = false;
    await color();
  });
}

async function color() {
  const turn = ++asked;
  drawPoints();
  say("Colouring …");
  const began = performance.now();
  const { after } = await ask("color", { vividness: Number($("vividness").value), hints });
  if (turn !== asked) return; // what was asked later is on its way
  show($("after"), after);
  $("jpeg").disabled = $("png").disabled = false;
  $("undo").disabled = !hints.length;
  say(`Coloured in ${((performance.now() - began) / 1000).toFixed(1)} s on this device.`);
}

async function save(type, extension) {
  say("Saving at full size …");
  const { blob } = await ask("save", { type });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name}-colour.${extension}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say(`Saved ${link.download}.`);
}

const tried = async (work) => {
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
};

function drawPoints() {
  $("points").replaceChildren(
    ...hints.map(({ x, y, color }) => {
      const point = document.createElement("i");
      Object.assign(point.style, { left: `${100 * x}%`, top: `${100 * y}%`, background: color });
      return point;
    }),
  );
}

$("file").onchange = ({ target }) => open(target.files[0]);
$("jpeg").onclick = () => tried(() => save("image/jpeg", "jpg"));
$("png").onclick = () => tried(() => save("image/png", "png"));
$("vividness").onchange = () => tried(color);
$("compare").oninput = ({ target }) => $("stage").style.setProperty("--at", `${target.value}%`);
$("undo").onclick = () => (hints.pop(), tried(color));
$("stage").onclick = ({ clientX, clientY }) => {
  const box = $("before").getBoundingClientRect();
  const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  if (x < 0 || x >= 1 || y < 0 || y >= 1) return;
  hints.push({ x, y, color: $("color").value });
  tried(color);
};
document.ondragover = (event) => (event.preventDefault(), document.body.classList.add("dropping"));
document.ondragleave = () => document.body.classList.remove("dropping");
document.ondrop = (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  open(event.dataTransfer.files[0]);
};

$("vividness").value = MODEL.vividness;
$("about").textContent = `Model: ${MODEL.name} ${MODEL.version}, ${MODEL.licence}.`;
if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD)) {
  $("file").disabled = true;
  say("This browser has no WebAssembly SIMD; take a newer one, or the command photochrom colorize.");
} else {
  say("Loading the model …");
  tried(async () => {
    await ask("open");
    say(START);
    document.body.dataset.ready = "yes";
  });
}
if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js");
