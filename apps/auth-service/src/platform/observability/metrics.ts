import { Injectable } from '@nestjs/common';
import { Gauge, type Metric, Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics of this process, in Prometheus' text format. Labels are closed words: no id, no name, no token. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A number that is read when the metrics are asked for; null leaves it out. */
  gauge(name: string, help: string, read: () => number | null): void {
    this.registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          const value = read();
          if (value === null) this.reset();
          else this.set(value);
        },
      }),
    );
  }

  /** Counts kept elsewhere as plain numbers, by one label. */
  counts(name: string, help: string, label: string, read: () => Iterable<[string, number]>): void {
    this.labelled('counter', name, help, label, read);
  }

  /** Numbers that are read when the metrics are asked for, by one label. */
  gauges(name: string, help: string, label: string, read: () => Iterable<[string, number]>): void {
    this.labelled('gauge', name, help, label, read);
  }

  private labelled(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    label: string,
    read: () => Iterable<[string, number]>,
  ): void {
    this.collector({
      name,
      get: () => ({
        name,
        help,
        type,
        aggregator: 'sum',
        values: [...read()].map(([key, value]) => ({ labels: { [label]: key }, value })),
      }),
      reset: () => undefined,
    });
  }

  /** Anything that renders itself in the registry's own shape. */
  collector(metric: { name: string; get(): unknown; reset(): void }): void {
    this.registry.registerMetric(metric as unknown as Metric);
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}
