// A search that the server makes in a film: it is asked how far that is, until it is over.

const PAUSE = 500; // milliseconds between questions
const pause = () => new Promise((done) => setTimeout(done, PAUSE));

export const searching = (search) => ["waiting", "working"].includes(search?.state);

// Ask by `ask()` until it is over, and give each answer to `shown(answer)`.
export async function searched(ask, shown) {
  for (;;) {
    const search = await ask();
    shown(search);
    if (search.state === "failed") throw new Error(search.detail);
    if (!searching(search)) return;
    await pause();
  }
}
