/* How long to wait before the next try. */

const SLOWEST = 30_000; // ms between tries at most

/** Milliseconds to wait before the next try: 1, 2, 4 … 30 seconds, ±30 % so that customers do not come in step. */
export function backoff(failures) {
  return Math.min(1000 * 2 ** (failures - 1), SLOWEST) * (0.7 + Math.random() * 0.6);
}
