/** Results that were asked for, the most recent ones: asked again, they are not made again, and neither while they are being made. */
export class KeptResults<T> {
  readonly #kept = new Map<string, { readonly state: string; readonly result: Promise<T> }>();

  /** @param limit how many are kept */
  constructor(private readonly limit: number) {}

  /**
   * The result of a key, made if it is not there or was made of another state. Failures are not kept.
   *
   * @param state of what the result is made of, so that of each key the newest result alone is kept
   */
  get(key: string, state: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    this.#kept.delete(key); // what is set again comes last
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
