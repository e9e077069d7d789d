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

/** What the server takes of one file, in bytes, and the longest side it keeps of a picture, in pixels. */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_SIDE = 4096;

export function isTooBig(file) {
  return file.size > MAX_BYTES;
}

/** A big photo as a smaller one. Throws where this browser cannot draw it or it stays too big. */
export async function shrunk(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = el("canvas");
  Object.assign(canvas, { width: bitmap.width * scale, height: bitmap.height * scale });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  if (!blob || isTooBig(blob)) throw new Error("still too big");
  return new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
}
