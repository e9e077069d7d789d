/* The token: one per browser, shared by all tabs. */

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
    const others = this.store.get("token"); // another tab was faster
    if (others && others !== this.dead) {
      this.token = others;
      return [];
    }
    const { token, messages } = await this.api.call("POST", "/chat/sessions", { json: { locale } });
    this.token = token;
    this.store.set("token", token);
    return messages;
  }

  #exclusively(work) {
    return navigator.locks ? navigator.locks.request("erstkontakt-session", work) : work();
  }
}
