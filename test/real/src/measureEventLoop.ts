import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded before a backend that is measured: on SIGUSR2 it writes how long its
// event loop was held up since the last time, in milliseconds.
const RESOLUTION_MS = 5;
const NS = 1_000_000;
const file = process.env.EVENT_LOOP_DELAY_FILE;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

delay.enable();
process.on('SIGUSR2', () => {
  if (file) {
    const p99 = delay.percentile(99) / NS - RESOLUTION_MS;
    const max = delay.max / NS - RESOLUTION_MS;
    writeFileSync(file, JSON.stringify({ p99, max }));
  }
  delay.reset();
});
