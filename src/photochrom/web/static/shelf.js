// What outlives the page and the server: the photos' files, and what was chosen for each. It stays
// in this browser, until a photo is closed.

const NAME = "photochrom", FILES = "files";
const MAX_BYTES = 2 ** 29; // of a file that is kept, such as a film
const MAX_CHOICES = 300; // photos whose choices are remembered

const stored = (key, otherwise) => {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

// A tab has its own; a new one begins with those of the last.
function store(key, value) {
  const text = JSON.stringify(value);
  for (const storage of [sessionStorage, localStorage]) {
    try {
      storage.setItem(key, text);
    } catch { /* what is full keeps what it has */ }
  }
}

const CHOSEN = "photochrom-choices", OPEN = "photochrom-open";
export const chosen = (key) => stored(CHOSEN, {})[key];
export function choose(key, choices) {
  const { [key]: _, ...others } = stored(CHOSEN, {});
  store(CHOSEN, Object.fromEntries([...Object.entries(others), [key, choices]].slice(-MAX_CHOICES)));
}

export const open = () => stored(OPEN, { open: [], current: 0 });
export const setOpen = (value) => store(OPEN, value);

// A browser may have no database, as in a private window: then files are not kept.
let database;
const opened = () => database ??= new Promise((done) => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(FILES);
  request.onsuccess = () => done(request.result);
  request.onerror = () => done(null);
}).catch(() => null);

async function inFiles(mode, work) {
  const found = await opened();
  if (!found) return undefined;
  return new Promise((done) => {
    const request = work(found.transaction(FILES, mode).objectStore(FILES));
    request.onsuccess = () => done(request.result);
    request.onerror = (event) => { event.preventDefault(); done(undefined); };
  }).catch(() => undefined);
}

export const keep = (key, file) => file.size <= MAX_BYTES ? inFiles("readwrite", (files) => files.put(file, key)) : undefined;
export const file = (key) => inFiles("readonly", (files) => files.get(key));
export const drop = (key) => inFiles("readwrite", (files) => files.delete(key));
