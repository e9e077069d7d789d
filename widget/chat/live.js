/* News from the server: WebSocket, else long polling. */

import { Refused } from "./api.js";
import { backoff } from "./retry.js";

const SOCKET_PATIENCE = 3_000; // ms until long polling takes over
const SOCKET_REST = 60_000; // ms until a WebSocket is tried again
const SILENCE = 45_000; // ms after which a quiet WebSocket is checked
const LONG_POLL = 25; // seconds

export class Live {
  constructor({ api, session, seq, ensure, onNews, onOnline, onError }) {
    Object.assign(this, { api, session, seq, ensure, onNews, onOnline, onError });
    this.socketsFrom = 0; // time before which no WebSocket is tried
    this.wake = () => {};
    this.restart = () => {};
  }

  async run() {
    let failures = 0;
    let caughtUp = false;
    for (;;) {
      try {
        await this.ensure();
        if (!caughtUp) await this.#poll(0);
        caughtUp = true;
        failures = 0;
        this.onOnline(true);
        if (Date.now() >= this.socketsFrom) caughtUp = !(await this.#socket());
        else await this.#poll(LONG_POLL);
      } catch (error) {
        caughtUp = false;
        failures += 1;
        if (this.restarted) failures = 0;
        else this.onError(error);
        if (failures > (error instanceof Refused && error.status === 401 ? 1 : 0)) await this.#pause(backoff(failures));
      }
      this.restarted = false;
    }
  }

  /** Ask now: a message that must be there has not come, or the network is back. */
  async check() {
    this.wake();
    if (!this.socket) return;
    const socket = this.socket;
    try {
      if (await this.#poll(0)) socket.close(); // it should have told us
    } catch {
      socket.close();
    }
  }

  /** Start again: the conversation is another one. */
  again() {
    this.restarted = true;
    this.restart();
    this.wake();
  }

  async #poll(wait) {
    const aborter = new AbortController();
    if (wait) this.restart = () => aborter.abort();
    const token = this.session.token;
    const path = `/chat/messages?after=${this.seq()}&wait=${wait}`;
    const news = await this.api.call("GET", path, { token, seconds: wait + 15, signal: aborter.signal });
    return token === this.session.token && this.onNews(news);
  }

  /** Listen until the WebSocket closes. False: it never opened, and polling takes over for a while. */
  async #socket() {
    const url = new URL(`${this.api.server}/chat/socket`);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("token", this.session.token);
    url.searchParams.set("after", this.seq());
    let socket;
    try {
      socket = new WebSocket(url);
    } catch {
      this.socketsFrom = Date.now() + SOCKET_REST; // forbidden by the page
      return false;
    }
    const token = this.session.token;
    const since = Date.now();
    let heard = since;
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", (event) => {
      heard = Date.now();
      if (token === this.session.token) this.onNews(JSON.parse(event.data));
    });
    this.restart = () => socket.close();
    const opened = await Promise.race([
      new Promise((resolve) => socket.addEventListener("open", () => resolve(true))),
      closed.then(() => false),
      new Promise((resolve) => setTimeout(resolve, SOCKET_PATIENCE, false)),
    ]);
    if (!opened) {
      socket.close();
      this.socketsFrom = Date.now() + SOCKET_REST;
      return false;
    }
    this.socket = socket;
    const watch = setInterval(() => {
      if (Date.now() - heard < SILENCE) return;
      heard = Date.now();
      this.check();
    }, 5_000);
    await closed;
    clearInterval(watch);
    this.socket = null;
    if (Date.now() - since < 2_000 && !this.restarted) this.socketsFrom = Date.now() + SOCKET_REST;
    return true;
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}
