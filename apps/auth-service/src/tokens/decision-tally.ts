import { Injectable } from '@nestjs/common';

/** How often each verdict was given. Plain numbers; the metrics registry collects them when it is asked. */
@Injectable()
export class DecisionTally {
  private readonly counts = new Map<string, number>();

  add(reason: string): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  entries(): Iterable<[string, number]> {
    return this.counts.entries();
  }
}
