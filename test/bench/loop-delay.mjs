// Loaded into a service before its own code: tells the delay of its event loop when asked over IPC.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('message', (order) => {
  if (order === 'loop-delay-begin') delay.reset();
  if (order !== 'loop-delay') return;
  const ms = (nanoseconds) => nanoseconds / 1e6;
  process.send({ loopDelay: { p50: ms(delay.percentile(50)), p999: ms(delay.percentile(99.9)), max: ms(delay.max) } });
});
