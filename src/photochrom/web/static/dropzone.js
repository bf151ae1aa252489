// Files and folders that are dropped, and files that are pasted.

import { $ } from "./dom.js";
import { dropped } from "./folders.js";

// Colours are borrowed from a file that is dropped on the tools for variants; all other files are added.
export function watch({ add, borrow }) {
  const over = (target) => {
    const tools = $("variant-tools");
    const borrowing = !$("studio").hidden && !tools.hidden && target.closest?.("#variant-tools");
    tools.classList.toggle("dropping", Boolean(borrowing));
    document.body.classList.toggle("dropping", !borrowing);
    return Boolean(borrowing);
  };
  const leave = () => {
    document.body.classList.remove("dropping");
    $("variant-tools").classList.remove("dropping");
  };
  addEventListener("dragover", (event) => { event.preventDefault(); over(event.target); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) leave(); });
  addEventListener("drop", async (event) => {
    event.preventDefault();
    const waiting = dropped(event.dataTransfer), borrowing = over(event.target);
    leave();
    const files = await waiting;
    if (!files.length) return;
    if (borrowing) borrow(files[0]);
    else add(files);
  });
  addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) add(files);
  });
}
