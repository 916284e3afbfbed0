const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in bytes as people say it: `3.4 MiB`. */
export function sizeWords(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size.toFixed(unit && size < 10 ? 1 : 0)} ${UNITS[unit]}`;
}
