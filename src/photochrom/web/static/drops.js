// Pictures that are dropped or pasted.

import { $ } from "./dom.js";

// What is dropped on the tools for other versions lends its colours; all else is added.
export function watch({ add, lend }) {
  const over = (target) => {
    const tools = $("guide-tools");
    const lending = !$("studio").hidden && !tools.hidden && target.closest?.("#guide-tools");
    tools.classList.toggle("dropping", Boolean(lending));
    document.body.classList.toggle("dropping", !lending);
    return Boolean(lending);
  };
  const leave = () => {
    document.body.classList.remove("dropping");
    $("guide-tools").classList.remove("dropping");
  };
  addEventListener("dragover", (event) => { event.preventDefault(); over(event.target); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) leave(); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files], lending = over(event.target);
    leave();
    if (!files.length) return;
    if (lending) lend(files[0]);
    else add(files);
  });
  addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) add(files);
  });
}
