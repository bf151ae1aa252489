// The page's words in the reader's language. The English ones stand in the page and the code, and
// are the keys of the other languages' files.

export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", es: "Español" };
const CHOSEN = "photochrom-language";

const wanted = [localStorage.getItem(CHOSEN), ...navigator.languages.map((one) => one.split("-")[0])];
export const language = wanted.find((one) => one in LANGUAGES) ?? "en";
const table = language === "en" ? {} : await (await fetch(new URL(`words/${language}.json`, import.meta.url))).json();

// A sentence, in which {name} is replaced by `values.name`.
export const t = (text, values = {}) => (table[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// The first names of many.
export const firstOf = (names, most) => names.length <= most ? names.join(", ")
  : t("{names} and {count} more", { names: names.slice(0, most).join(", "), count: names.length - most });

const ATTRIBUTES = ["aria-label", "title", "alt", "aria-valuetext"];

// Put what the page has in English into the reader's language.
export function translate() {
  document.documentElement.lang = language;
  const said = (text) => text.trim().replace(/\s+/g, " ");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: node } = texts, text = said(node.data);
    if (text) node.data = node.data.replace(node.data.trim(), t(text));
  }
  for (const name of ATTRIBUTES)
    for (const element of document.querySelectorAll(`[${name}]`)) element.setAttribute(name, t(said(element.getAttribute(name))));
}

// Let `select` choose the language, from now on.
export function offer(select) {
  for (const [code, name] of Object.entries(LANGUAGES)) select.add(new Option(name, code, false, code === language));
  select.addEventListener("change", () => {
    localStorage.setItem(CHOSEN, select.value);
    location.reload();
  });
}
