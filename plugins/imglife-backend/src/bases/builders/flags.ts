import type { BuildSecret } from '@imglife/backstage-plugin-imglife-node';
import type { BuildNetwork } from '../../definitions/Definitions';

/** Build arguments as docker and buildah take them. */
export function argumentFlags(
  args: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(args).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ]);
}

/** Secret files as all three programs take them: by name, never by content. */
export function secretFlags(secrets: ReadonlyArray<BuildSecret>): string[] {
  return secrets.flatMap(({ id, file }) => [
    '--secret',
    `id=${id},src=${file}`,
  ]);
}

/** Seconds since the epoch, for `SOURCE_DATE_EPOCH`. */
export function epochSeconds(date: Date): string {
  return String(Math.floor(date.getTime() / 1000));
}

/** The network of RUN as docker and buildah take it. */
export function networkFlags(network: BuildNetwork): string[] {
  return network === 'default' ? [] : ['--network', network];
}
