/** What the live streams have done since the process started; read by the metrics endpoint. */
export class StreamCounters {
  opened = 0;
  /** Subscribers at this moment. */
  active = 0;
  resumed = 0;
  /** Payloads handed to subscribers, counted once for each of them. */
  delivered = 0;
  upstreamsOpened = 0;
  upstreamReconnects = 0;
  /** Subscribers that caught up and joined a stream already open, so that one upstream could close. */
  merged = 0;
  moved = 0;
  /** Sockets and streams closed because their reader fell behind. */
  slowCloses = 0;
  readonly rejected = new Map<string, number>();
  readonly ended = new Map<string, number>();

  begin(): void {
    this.opened++;
    this.active++;
  }

  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  end(reason: string, count = 1): void {
    this.active -= count;
    this.ended.set(reason, (this.ended.get(reason) ?? 0) + count);
  }
}
