/** An amount that many share. Who asks first gets first, so a large share is never overtaken for ever by small ones. */
export class Budget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly share: number; readonly go: () => void }[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Does something with a share of the budget, which goes back when it ends. More than all of it counts as all of it. */
  async with<T>(share: number, body: () => Promise<T>): Promise<T> {
    const taken = Math.min(share, this.#total);
    await this.#take(taken);
    try {
      return await body();
    } finally {
      this.#free += taken;
      this.#serve();
    }
  }

  async #take(share: number): Promise<void> {
    await new Promise<void>((go) => {
      this.#waiting.push({ share, go });
      this.#serve();
    });
  }

  #serve(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && next.share <= this.#free;
      next = this.#waiting[0]
    ) {
      this.#free -= next.share;
      this.#waiting.shift();
      next.go();
    }
  }
}
