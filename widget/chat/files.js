/* Photos and files: drawn on a canvas, saved to disk, never opened in the shop's page. */

import { el } from "./nodes.js";

/** A picture of a file, drawn on a canvas: needs no img-src in the shop's content security policy. */
export async function thumbnail(blob, alt) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, 480 / Math.max(bitmap.width, bitmap.height));
  const size = { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) };
  const canvas = el("canvas", { class: "picture", role: "img", "aria-label": alt });
  Object.assign(canvas, size);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** Saved, never opened: a file from a chat must not run in the shop's page. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
