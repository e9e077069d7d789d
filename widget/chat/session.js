/* The token: one per browser, shared by all tabs. */

const OPENED = "erstkontakt-opened:";
const UNTIL_STORED = 5_000; // ms after which localStorage has reached every tab

export class Session {
  constructor(api, store) {
    this.api = api;
    this.store = store;
    this.token = store.get("token");
    this.dead = null;
    this.opening = null;
  }

  /** A token; opens a conversation where there is none. Two tabs at once open only one. Returns its first messages. */
  ensure(locale) {
    if (this.token) return [];
    this.opening = this.opening || this.#exclusively(() => this.#open(locale)).finally(() => (this.opening = null));
    return this.opening;
  }

  /** The server no longer knows this token. */
  drop(token) {
    this.dead = token;
    this.token = null;
    if (this.store.get("token") === token) this.store.set("token", null);
  }

  async #open(locale) {
    const others = this.store.get("token") || (await justOpened()); // another tab was faster
    if (others && others !== this.dead) {
      this.token = others;
      return [];
    }
    const { token, messages } = await this.api.call("POST", "/chat/sessions", { json: { locale } });
    this.token = token;
    this.store.set("token", token);
    await tellTabs(token);
    return messages;
  }

  #exclusively(work) {
    return navigator.locks ? navigator.locks.request("erstkontakt-session", work) : work();
  }
}

/* What one tab stores reaches the others with a delay. The names of held locks are told at once: one holds the token. */

async function justOpened() {
  if (!navigator.locks) return null;
  const { held } = await navigator.locks.query();
  const lock = held.find(({ name }) => name.startsWith(OPENED));
  return lock ? lock.name.slice(OPENED.length) : null;
}

function tellTabs(token) {
  if (!navigator.locks) return null;
  const stored = () => new Promise((done) => setTimeout(done, UNTIL_STORED));
  return new Promise((told) => navigator.locks.request(OPENED + token, () => (told(), stored())));
}
