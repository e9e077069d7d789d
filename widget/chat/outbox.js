/* What the customer sent and the server has not confirmed: kept, retried, never doubled. */

import { Refused, Unreachable } from "./api.js";
import { backoff } from "./retry.js";

/**
 * What the customer sent, one after the other, until the server confirms it. Each item keeps its `client_id` over
 * every retry and every reload, so the server takes it once.
 */
export class Outbox {
  constructor({ store, send, onSent, onRefused, onTrouble }) {
    Object.assign(this, { store, send, onSent, onRefused, onTrouble });
    this.items = this.#restored();
    this.busy = false;
    this.wake = () => {};
  }

  add(item) {
    const added = { client_id: newId(), at: new Date().toISOString(), text: "", tried: false, ...item };
    this.items.push(added);
    this.#keep();
    return added;
  }

  async drain() {
    if (this.busy) return this.wake();
    this.busy = true;
    let failures = 0;
    while (this.items.length) {
      const item = this.items[0];
      item.tried = true;
      try {
        const { seq } = await this.send(item);
        failures = 0;
        this.#done(item);
        this.onSent(item, seq);
      } catch (error) {
        if (error instanceof Refused && error.status !== 401) {
          this.#done(item);
          this.onRefused(item, error);
        } else {
          failures += 1;
          this.onTrouble(error);
          if (error instanceof Unreachable || failures > 1) await this.#pause(backoff(failures));
        }
      }
    }
    this.busy = false;
  }

  /** Buttons belong to the conversation that ended; texts and photos go into the new one. */
  dropPayloads() {
    this.items = this.items.filter((item) => !item.payload);
    this.#keep();
  }

  #done(item) {
    this.items = this.items.filter((other) => other !== item);
    this.#keep();
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  #keep() {
    const kept = this.items.filter((item) => !item.file);
    this.store.set("outbox", kept.length ? JSON.stringify(kept) : null);
  }

  #restored() {
    try {
      return JSON.parse(this.store.get("outbox")) || [];
    } catch {
      return [];
    }
  }
}

/** 128 random bits; crypto.randomUUID is missing on plain http. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
