// The server, as functions. A failed request throws an Error whose message is a sentence.

const TOKEN = "photochrom-token";

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("Photochrom does not answer. Is it still running?");
  }
  if (answer.status === 401) {
    const given = prompt("This server wants its token:");
    if (given) {
      sessionStorage.setItem(TOKEN, given);
      return ask(path, options);
    }
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    const error = new Error(sentence(problem.detail ?? "Something went wrong."));
    error.status = answer.status;
    throw error;
  }
  return answer;
}

function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : first + ".";
}

const query = (options) =>
  new URLSearchParams(Object.entries(options).map(([name, value]) =>
    [name, typeof value === "object" ? JSON.stringify(value) : String(value)]));

export const models = async () => (await ask("v1/models")).json();

export async function upload(file) {
  return (await ask("v1/sessions", { method: "POST", body: file })).json();
}

export async function original(id) {
  return (await ask(`v1/sessions/${id}/original`)).blob();
}

export async function preview(id, options, signal) {
  return (await ask(`v1/sessions/${id}/preview?${query(options)}`, { signal })).blob();
}

export async function picture(id, options) {
  return (await ask(`v1/sessions/${id}/picture?${query(options)}`)).blob();
}

// Colours that a place may well have, likeliest first.
export async function colours(id, x, y) {
  return (await (await ask(`v1/sessions/${id}/colours?${query({ x, y })}`)).json()).colours;
}

// The hints of several versions, the automatic one first.
export async function proposals(id, vividness) {
  return (await (await ask(`v1/sessions/${id}/proposals?${query({ count: 4, vividness })}`)).json()).proposals;
}

// The hints that colour a photograph as another picture is.
export async function reference(id, file) {
  return (await (await ask(`v1/sessions/${id}/reference`, { method: "POST", body: file })).json()).hints;
}

export const forget = (id) => ask(`v1/sessions/${id}`, { method: "DELETE" }).catch(() => {});
