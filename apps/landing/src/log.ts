import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** JSON lines on standard output (or `destination`, in tests). What is logged is chosen field by field: no request object ever gets here. */
export function createLog(destination?: DestinationStream): Log {
  const options = {
    base: { service: 'landing' },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}
