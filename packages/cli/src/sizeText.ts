const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in powers of 1,000, such as `1.2 GB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3);
  const unit = Math.min(power, UNITS.length - 1);
  const value = bytes / 1000 ** unit;
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${
    UNITS[unit]
  }`;
}
