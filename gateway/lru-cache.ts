/**
 * A cache bounded by entries and by bytes. Eviction is second chance: what was read since the last
 * sweep stays, so a hit costs one look-up and no reordering.
 */
export class LruCache<T> {
  private readonly items = new Map<string, { value: T; bytes: number; used: boolean }>();
  private bytes = 0;

  constructor(
    private readonly entriesMax: number,
    private readonly bytesMax: number,
  ) {}

  get(key: string): T | undefined {
    const item = this.items.get(key);
    if (item === undefined) return undefined;
    item.used = true;
    return item.value;
  }

  set(key: string, value: T, bytes: number): void {
    this.delete(key);
    if (bytes > this.bytesMax) return;
    this.items.set(key, { value, bytes, used: false });
    this.bytes += bytes;
    this.evict(key);
  }

  delete(key: string): void {
    const item = this.items.get(key);
    if (item === undefined) return;
    this.items.delete(key);
    this.bytes -= item.bytes;
  }

  get size(): number {
    return this.items.size;
  }

  *entries(): Iterable<[string, T]> {
    for (const [key, { value }] of this.items) yield [key, value];
  }

  private evict(newest: string): void {
    while (this.items.size > this.entriesMax || this.bytes > this.bytesMax) {
      const [oldest] = this.items.entries();
      if (oldest === undefined) return;
      const [key, item] = oldest;
      this.items.delete(key);
      if (item.used || (key === newest && this.items.size > 0)) {
        item.used = false;
        this.items.set(key, item);
      } else {
        this.bytes -= item.bytes;
      }
    }
  }
}
