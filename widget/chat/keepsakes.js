/* What remains of a conversation: the transcript to keep, its end, and how it was. */

import { save } from "./files.js";

export class Keepsakes {
  /** `call(method, path, json)` asks the server, `ended()` is told, `trouble(error)` gets what went wrong. */
  constructor({ panel, call, ended, trouble }) {
    Object.assign(this, { panel, call, ended, trouble });
  }

  download() {
    return this.#try(async () => {
      const file = await this.call("GET", "/chat/transcript");
      save(file, `${this.panel.t.transcriptFile}-${new Date().toISOString().slice(0, 10)}.txt`);
    });
  }

  mail() {
    return this.#try(async () => {
      await this.call("POST", "/chat/transcript");
      this.panel.note(this.panel.t.mailed);
    });
  }

  end() {
    this.panel.note("");
    return this.#try(async () => {
      const { rate } = await this.call("POST", "/chat/end");
      this.ended();
      if (rate) await this.panel.rate((rating) => this.#rate(rating));
    });
  }

  #rate(rating) {
    return this.#try(async () => {
      await this.call("POST", "/chat/rating", rating); // refused, the form stays for another try
      this.panel.rated();
      this.panel.note(this.panel.t.rated);
    });
  }

  async #try(work) {
    try {
      await work();
    } catch (error) {
      this.panel.note(this.panel.t.trouble);
      this.trouble(error);
    }
  }
}
