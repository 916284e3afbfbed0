import path from 'node:path';

/** Where the demo's parts listen, and what the portal is told. */
export interface DemoSettings {
  /** holds registries, database and logs */
  directory: string;
  upstreamPort: number;
  privatePort: number;
  portalUrl: string;
  /** where people look; the development server with `start` */
  appUrl: string;
  portalEnv: Record<string, string | undefined>;
}

/**
 * Reads `IMGLIFE_DEMO_UPSTREAM_PORT`, `IMGLIFE_DEMO_PRIVATE_PORT`,
 * `IMGLIFE_PORTAL_PORT` and `IMGLIFE_DEMO_DIRECTORY`.
 *
 * @param development - whether the front end comes from its own server
 * @throws Error - a port is no port
 */
export function readSettings(
  env: Record<string, string | undefined>,
  root: string,
  development: boolean,
): DemoSettings {
  const upstreamPort = port(env, 'IMGLIFE_DEMO_UPSTREAM_PORT', 5401);
  const privatePort = port(env, 'IMGLIFE_DEMO_PRIVATE_PORT', 5402);
  const portalPort = port(env, 'IMGLIFE_PORTAL_PORT', 7007);
  const directory = path.resolve(
    env.IMGLIFE_DEMO_DIRECTORY ?? path.join(root, '.demo'),
  );
  const portalUrl = `http://localhost:${portalPort}`;
  const appUrl = development ? 'http://localhost:3000' : portalUrl;
  return {
    directory,
    upstreamPort,
    privatePort,
    portalUrl,
    appUrl,
    portalEnv: {
      ...env,
      NODE_ENV: development ? 'development' : 'production',
      IMGLIFE_PORTAL_PORT: String(portalPort),
      IMGLIFE_PORTAL_URL: portalUrl,
      IMGLIFE_APP_URL: appUrl,
      IMGLIFE_DEMO_UPSTREAM: `127.0.0.1:${upstreamPort}`,
      IMGLIFE_DEMO_PRIVATE: `127.0.0.1:${privatePort}`,
      IMGLIFE_DEMO_DATABASE: path.join(directory, 'database'),
    },
  };
}

function port(
  env: Record<string, string | undefined>,
  name: string,
  fallback: number,
): number {
  const value = Number(env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new Error(`${name} is no port: ${env[name]}`);
  }
  return value;
}
