import { Injectable } from '@nestjs/common';

/** How often each verdict on a credential was given. Plain numbers; the metrics registry collects them when it is asked. */
@Injectable()
export class IdentityTally {
  private readonly counts = new Map<string, number>();

  add(outcome: string): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
  }

  entries(): Iterable<[string, number]> {
    return this.counts.entries();
  }
}
