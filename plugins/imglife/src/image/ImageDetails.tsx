import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { Alert, Link } from '@backstage/ui';
import type {
  ApplicationRow,
  BaseRow,
  MirrorRow,
} from '@imglife/backstage-plugin-imglife-common';
import { ImageFacts } from '../cards/ImageFacts';
import { When } from '../pages/cells/WhenCell';
import { sizeWords } from '../rules/sizeWords';
import { imglifeTranslationRef } from '../translation';
import { BuildChanges } from './BuildChanges';
import { EolFacts } from './EolFacts';
import { Fact, Facts } from './Facts';
import { ImageLink } from './ImageLink';
import type { ImageRow } from './imageRows';
import { Section } from './Section';
import styles from './image.module.css';

/** What is known of an image itself. */
export function ImageDetails(props: { image: ImageRow }) {
  const { image } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Section title={t('image.facts')}>
      {image.tier === 'mirrors' && <MirrorDetails row={image.row} />}
      {image.tier === 'bases' && <BaseDetails row={image.row} />}
      {image.tier === 'applications' && <ApplicationDetails row={image.row} />}
    </Section>
  );
}

function MirrorDetails(props: { row: MirrorRow }) {
  const { row } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <Trouble error={row.error} />
      <Facts>
        <Fact term={t('image.digest')}>{digestOf(row.digest)}</Fact>
        <Fact term={t('image.upstream')}>{row.upstream.reference}</Fact>
        <Fact term={t('image.upstreamDigest')}>
          {digestOf(row.upstream.digest)}
        </Fact>
        <Fact term={t('image.pendingDigest')}>
          {digestOf(row.pendingDigest)}
        </Fact>
        <Fact term={t('column.platforms')}>{row.platforms.join(', ')}</Fact>
        <Fact term={t('image.size')}>
          {row.sizeBytes !== null && sizeWords(row.sizeBytes)}
        </Fact>
        <Fact term={t('column.pulled')}>{when(row.pulledAt)}</Fact>
        <Fact term={t('image.firstPulled')}>{when(row.firstPulledAt)}</Fact>
        <Fact term={t('image.verified')}>{when(row.verifiedAt)}</Fact>
        <EolFacts row={row} />
      </Facts>
    </>
  );
}

function BaseDetails(props: { row: BaseRow }) {
  const { row } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <Withdrawal row={row} />
      <Trouble error={row.error} />
      <Facts>
        <Fact term={t('image.digest')}>{digestOf(row.digest)}</Fact>
        <Fact term={t('image.kind')}>{t(`image.kind-${row.kind}`)}</Fact>
        <Fact term={t('image.builtOf')}>
          {row.mirror && (
            <ImageLink tier="mirrors" reference={row.mirror.reference} />
          )}
        </Fact>
        <Fact term={t('image.coreVersion')}>{row.coreVersion}</Fact>
        <Fact term={t('column.platforms')}>{row.platforms.join(', ')}</Fact>
        <Fact term={t('column.built')}>{when(row.builtAt)}</Fact>
        <Fact term={t('image.reasons')}>
          {row.reasons.length > 0 && (
            <BuildChanges reasons={row.reasons} changes={row.changes} />
          )}
        </Fact>
        <Fact term={t('image.newestOfCycle')}>
          {row.latestInCycle !== row.reference && row.latestInCycle && (
            <ImageLink tier="bases" reference={row.latestInCycle} />
          )}
        </Fact>
        <Fact term={t('image.newest')}>
          {row.latest !== row.reference && row.latest && (
            <ImageLink tier="bases" reference={row.latest} />
          )}
        </Fact>
        <EolFacts row={row} />
      </Facts>
    </>
  );
}

function ApplicationDetails(props: { row: ApplicationRow }) {
  const { row } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <ImageFacts image={row} bases={[]} />
      <Facts>
        <Fact term={t('image.digest')}>{digestOf(row.digest)}</Fact>
        <Fact term={t('column.base')}>{row.base?.reference}</Fact>
        <Fact term={t('image.candidates')}>
          {row.detection.candidates.length > 1 &&
            row.detection.candidates.join(', ')}
        </Fact>
        <Fact term={t('column.platforms')}>{row.platforms.join(', ')}</Fact>
        <Fact term={t('image.component')}>
          {row.entityRef && <EntityRefLink entityRef={row.entityRef} />}
        </Fact>
        <Fact term={t('column.owner')}>
          {row.owner && <EntityRefLink entityRef={row.owner} />}
        </Fact>
        <Fact term={t('image.project')}>{row.project}</Fact>
        <Fact term={t('image.revision')}>{digestOf(row.revision)}</Fact>
        <Fact term={t('column.built')}>{when(row.builtAt)}</Fact>
        <Fact term={t('image.registered')}>{when(row.registeredAt)}</Fact>
        <Fact term={t('image.violations')}>{row.violations.join(', ')}</Fact>
        <EolFacts row={row} />
        {Object.entries(row.fields).map(([name, value]) => (
          <Fact key={name} term={name}>
            {/^https?:\/\//.test(value) ? (
              <Link href={value} target="_blank">
                {value}
              </Link>
            ) : (
              value
            )}
          </Fact>
        ))}
      </Facts>
    </>
  );
}

function Withdrawal(props: { row: BaseRow }) {
  const { withdrawal } = props.row;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    withdrawal && (
      <Alert
        status="danger"
        icon
        title={t('image.withdrawn', {
          date: withdrawal.at.slice(0, 10),
          by: withdrawal.by,
          reason: withdrawal.reason,
        })}
        description={
          withdrawal.replacement
            ? t('image.useInstead', { reference: withdrawal.replacement })
            : undefined
        }
      />
    )
  );
}

function Trouble(props: { error: string | null }) {
  return props.error ? (
    <Alert status="warning" icon title={props.error} />
  ) : null;
}

function digestOf(digest: string | null) {
  return digest && <code className={styles.code}>{digest}</code>;
}

function when(at: string | null) {
  return at && <When at={at} />;
}
