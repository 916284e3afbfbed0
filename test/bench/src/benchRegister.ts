import { percentile } from './percentile';
import type { BenchResult } from './Bench';
import type { ScalePortal } from './ScalePortal';
import { BASES, ScaleBase, scaleBases } from './scaleBases';
import { inTurn, ScalePortals, withScalePortals } from './withScalePortals';

const ROUNDS = Number(process.env.BENCH_REQUESTS ?? 300);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const CLIENTS = 16;
const KEPT = 5;
const LAYERS = 60;

/** A registration of a new image of one of many repositories. */
function registration(
  { registry }: ScalePortals,
  base: ScaleBase,
  name: string,
): object {
  const repository = `apps/bench/${name}-b${base.number}`;
  return {
    image: `${registry.host}/${repository}:1.0`,
    digest: registry.digest(repository),
    base: `${base.repository}:${base.tag}`,
    baseDigest: base.digest,
  };
}

/** Many clients, each one registration after another. */
async function registerAtOnce(
  portals: ScalePortals,
  bases: ScaleBase[],
): Promise<{ registered: number; doubled: number; p99: number }> {
  const { many } = portals;
  await many.backend.eventLoopDelay();
  const end = performance.now() + SECONDS * 1000;
  let registered = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let number = 0; performance.now() < end; number += 1) {
        const base = bases[(client * 31 + number) % bases.length];
        const body = registration(portals, base, `c${client}-${number}`);
        await many.ask('POST', '/v1/registrations', body);
        registered += 1;
      }
    }),
  );
  const { p99 } = await many.backend.eventLoopDelay();
  const [{ stored, images }] = await many.query<{
    stored: number;
    images: number;
  }>(
    `SELECT count(*)::int AS stored, count(DISTINCT repository || ':' || tag)::int AS images
     FROM registration WHERE repository LIKE '%/apps/bench/c%'`,
  );
  if (images !== registered) {
    throw new Error(`${registered} registrations gave ${images} images`);
  }
  return { registered, doubled: stored - images, p99 };
}

/** A base that three in ten applications stand on is taken back. */
async function withdraw(portal: ScalePortal, base: ScaleBase): Promise<number> {
  const began = performance.now();
  const response = await portal.backend.ask(
    'POST',
    '/api/imglife/v1/bases/withdraw',
    {
      body: { reference: `${base.repository}:${base.tag}`, reason: 'bench' },
    },
  );
  if (!response.ok) {
    throw new Error(`withdraw: ${response.status} ${await response.text()}`);
  }
  return (performance.now() - began) / 1000;
}

/**
 * Registrations and checks at 1,000 and at 1,000,000 applications of which five
 * registrations each are kept, then sixteen clients at once on the larger.
 */
export async function benchRegister(
  log: (line: string) => void,
): Promise<BenchResult> {
  return withScalePortals(KEPT, log, async portals => {
    const bases = scaleBases(portals.registry.host);
    const register = await inTurn(portals, ROUNDS, async (portal, round) => {
      const base = bases[(round + ROUNDS) % bases.length];
      const body = registration(portals, base, `one-${round}`);
      return (await portal.ask('POST', '/v1/registrations', body)).ms;
    });
    const check = await inTurn(portals, ROUNDS, async (portal, round) => {
      const { repository, tag } = bases[(round + ROUNDS) % bases.length];
      const base = encodeURIComponent(`${repository}:${tag}`);
      return (await portal.ask('GET', `/v1/check?base=${base}`)).ms;
    });
    const chains = await inTurn(portals, ROUNDS / 5, async (portal, round) => {
      const repository = `apps/bench/deep-${round}-b${
        round + ROUNDS
      }-l${LAYERS}`;
      const image = `${portals.registry.host}/${repository}:1.0`;
      return (await portal.ask('POST', '/v1/registrations', { image })).ms;
    });
    log('one client after another is measured; now sixteen at once');
    const atOnce = await registerAtOnce(portals, bases);
    const publishSeconds = await withdraw(portals.many, bases[0]);
    const p95 = (values: number[]) => percentile(values, 95);
    return {
      figures: {
        applications: portals.many.applications,
        baseTags: BASES,
        fillSeconds: portals.many.fillSeconds,
        registerP95Ms: p95(register.many),
        checkP95Ms: p95(check.many),
        sixtyLayersP95Ms: p95(chains.many),
        atOnceRegistrations: atOnce.registered,
        atOnceDoubled: atOnce.doubled,
        eventLoopDelayP99Ms: atOnce.p99,
        verdictOf300kChangedSeconds: publishSeconds,
      },
      ratios: {
        registerP95Growth: p95(register.many) / p95(register.few),
        checkP95Growth: p95(check.many) / p95(check.few),
      },
    };
  });
}
