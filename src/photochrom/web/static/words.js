// The page's words in the reader's language. The English ones stand in the code, and are the keys.

const table = {};

// A sentence, in which {name} is replaced by `values.name`.
export const t = (text, values = {}) =>
  (table[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
