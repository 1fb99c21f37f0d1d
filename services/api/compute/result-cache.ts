// SPDX-License-Identifier: GPL-2.0-or-later
/** LRU cache of results that also deduplicates concurrent computations of one key. */
export class ResultCache<T> {
  readonly #kept = new Map<string, { readonly state: string; readonly result: Promise<T> }>();

  /** @param limit Maximum number of cached results. */
  constructor(private readonly limit: number) {}

  /**
   * Returns the result of a key. Computes it if it is missing or was computed from another state.
   * Failures are not cached.
   * @param state State of the inputs. The cache has one result per key: the newest state's.
   */
  get(key: string, state: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    this.#kept.delete(key); // set again below, it becomes the most recent
    if (kept?.state === state) {
      this.#kept.set(key, kept);
      return kept.result;
    }
    const made = { state, result: make() };
    this.#kept.set(key, made);
    made.result.catch(() => {
      if (this.#kept.get(key) === made) this.#kept.delete(key);
    });
    if (this.#kept.size > this.limit) this.#kept.delete(this.#kept.keys().next().value!);
    return made.result;
  }
}
