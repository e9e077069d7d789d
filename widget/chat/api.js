/* One request, one named error. */

/** The server said no and why: `message` is a sentence for the customer (may be empty). */
export class Refused extends Error {
  constructor(status, message, token) {
    super(message);
    Object.assign(this, { status, token });
  }
}

/** No answer, or one that is no answer: try again later. */
export class Unreachable extends Error {}

export class Api {
  constructor(server) {
    this.server = server;
  }

  /** The response of one request. Raises Refused (4xx) or Unreachable (network, timeout, 5xx). */
  async call(method, path, { token, json, form, seconds = 20, signal } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (json) headers["Content-Type"] = "application/json";
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), seconds * 1000);
    if (signal) signal.addEventListener("abort", () => aborter.abort(), { once: true });
    let response;
    let body;
    try {
      const options = { method, headers, body: json ? JSON.stringify(json) : form, signal: aborter.signal, credentials: "omit" };
      response = await fetch(path.startsWith("/") ? this.server + path : path, options);
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      body = isJson ? await response.json() : await response.blob();
    } catch (error) {
      throw new Unreachable(error.message);
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return body;
    if (response.status >= 500 || response.status === 408) throw new Unreachable(`status ${response.status}`);
    throw new Refused(response.status, (body.error && body.error.message) || "", token);
  }
}
