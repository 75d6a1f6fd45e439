/** Upper bounds in seconds: a decision takes less than a millisecond, a page of the registry some tens. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Requests of one route, method and status. Plain numbers: the counting of a decision must cost nothing beside it. */
export class RouteTally {
  count = 0;
  seconds = 0;
  readonly buckets = new Float64Array(bounds.length);

  add(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.count++;
    this.seconds += seconds;
    let index = 0;
    while (index < bounds.length && seconds > (bounds[index] ?? Infinity)) index++;
    if (index < bounds.length) this.buckets[index] = (this.buckets[index] ?? 0) + 1;
  }
}

type Sample = { metricName: string; labels: Record<string, string | number>; value: number };

/** The histogram `http_request_duration_seconds`, in the shape that the metrics registry collects. */
export class HttpTally {
  readonly name = 'http_request_duration_seconds';
  /** By route, each with its few methods and statuses: a joined key would be put together and hashed for every request. */
  private readonly tallies = new Map<
    string,
    { labels: { method: string; route: string; status: number }; tally: RouteTally }[]
  >();

  /** `route` is the template, never the address: labels stay few, and no token gets in. */
  of(method: string, route: string, status: number): RouteTally {
    let entries = this.tallies.get(route);
    if (entries === undefined) this.tallies.set(route, (entries = []));
    for (const { labels, tally } of entries) if (labels.status === status && labels.method === method) return tally;
    const tally = new RouteTally();
    entries.push({ labels: { method, route, status }, tally });
    return tally;
  }

  get(): { name: string; help: string; type: string; aggregator: string; values: Sample[] } {
    const values: Sample[] = [];
    for (const { labels, tally } of [...this.tallies.values()].flat()) {
      let sum = 0;
      bounds.forEach((bound, index) => {
        sum += tally.buckets[index] ?? 0;
        values.push({ metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: sum });
      });
      values.push({ metricName: `${this.name}_bucket`, labels: { ...labels, le: '+Inf' }, value: tally.count });
      values.push({ metricName: `${this.name}_sum`, labels, value: tally.seconds });
      values.push({ metricName: `${this.name}_count`, labels, value: tally.count });
    }
    return {
      name: this.name,
      help: 'Time to answer, by route template, method and status.',
      type: 'histogram',
      aggregator: 'sum',
      values,
    };
  }

  reset(): void {
    this.tallies.clear();
  }
}
