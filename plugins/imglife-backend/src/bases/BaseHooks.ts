import type { Definitions } from '../definitions/Definitions';
import { postWebhook } from '../hooks/postWebhook';
import type { RunContext } from '../runs/RunContext';
import type { BaseTagIdentity, BuildAttempt } from './BaseStore';

/** What the webhooks of `imglife.bases.hooks.afterBuild` are posted. */
export interface BasePublishedPayload {
  event: 'imglife.base.published';
  /** of the base */
  name: string;
  /** `host/path:tag@digest` */
  reference: string;
  repository: string;
  tag: string;
  digest: string;
  upstreamVersion: string;
  coreVersion: string;
  reasons: string[];
  inputHash: string;
  /** null when it was built outside */
  runId: string | null;
  /** ISO 8601 UTC */
  builtAt: string;
}

interface HookDefinitions {
  bases: Pick<Definitions['bases'], 'hooks'>;
}

/** Tells of published bases, by digest. */
export class BaseHooks {
  readonly #definitions: HookDefinitions;

  /** @param definitions - read at use: they may change */
  static create(definitions: HookDefinitions): BaseHooks {
    return new BaseHooks(definitions);
  }

  private constructor(definitions: HookDefinitions) {
    this.#definitions = definitions;
  }

  /** Posts to every hook; a failure is a warning in the run's log. */
  async published(
    identity: BaseTagIdentity,
    attempt: BuildAttempt,
    digest: string,
    context: Pick<RunContext, 'log' | 'signal'>,
  ): Promise<void> {
    const { name, repository, tag, mirror, coreVersion } = identity;
    const payload: BasePublishedPayload = {
      event: 'imglife.base.published',
      name,
      reference: `${repository}:${tag}@${digest}`,
      repository,
      tag,
      digest,
      upstreamVersion: mirror.tag,
      coreVersion,
      reasons: attempt.reasons,
      inputHash: attempt.inputHash,
      runId: attempt.runId ?? null,
      builtAt: attempt.finishedAt,
    };
    await Promise.all(
      this.#definitions.bases.hooks.afterBuild.map(({ webhook }) =>
        postWebhook(webhook, payload, {
          log: line => context.log(`${tag}: ${line}`),
          signal: context.signal,
        }),
      ),
    );
  }
}
