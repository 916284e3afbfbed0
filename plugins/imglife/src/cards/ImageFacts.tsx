import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Flex, Text } from '@backstage/ui';
import type {
  ApplicationRow,
  BaseRow,
} from '@imglife/backstage-plugin-imglife-common';
import { useEolWords } from '../pages/cells/EolCell';
import { shortName, tagOf } from '../rules/imageName';
import { recommendedBase } from '../rules/recommendedBase';
import { imglifeTranslationRef } from '../translation';
import { CopyableText } from './CopyableText';
import styles from './cards.module.css';

/** One image: what it stands on, until when, and what to build on next. */
export function ImageFacts(props: { image: ApplicationRow; bases: BaseRow[] }) {
  const { image } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const next = recommendedBase(image);
  return (
    <Flex direction="column" gap="2">
      <StandsOn image={image} />
      <Newer image={image} />
      <Notices image={image} />
      {next && (
        <CopyableText label={t('card.useBase')} text={`BASE_IMAGE=${next}`} />
      )}
      <Provenance image={image} />
    </Flex>
  );
}

function StandsOn(props: { image: ApplicationRow }) {
  const { image } = props;
  const { base, eolDate } = image;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const words = useEolWords();
  return (
    <div className={styles.line}>
      <Text variant="body-medium" className={styles.wrap}>
        <strong>{`${shortName(image.repository)}:${image.tag}`}</strong>{' '}
        {base ? (
          <>
            {t('card.on')} <strong>{baseName(base)}</strong>
          </>
        ) : (
          t('card.noBase')
        )}
      </Text>
      {eolDate && (
        <Text variant="body-medium">
          {t('card.eolOn', { date: eolDate })} · {words(eolDate)}
        </Text>
      )}
    </div>
  );
}

/** The newer bases there are: in the same cycle, and of all. */
function Newer(props: { image: ApplicationRow }) {
  const { base, latest, latestInCycle, cycle } = props.image;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const inCycle = latestInCycle !== base?.reference ? latestInCycle : null;
  const newest =
    latest !== base?.reference && latest !== inCycle ? latest : null;
  if (!inCycle && !newest) {
    return null;
  }
  return (
    <div className={styles.line}>
      {inCycle && (
        <Text variant="body-medium">
          {cycle ? t('card.newerInCycle', { cycle }) : t('card.newerSame')}{' '}
          <strong>{tagOf(inCycle)}</strong>
        </Text>
      )}
      {newest && (
        <Text variant="body-medium">
          {t('card.newest')} <strong>{tagOf(newest)}</strong>
        </Text>
      )}
    </div>
  );
}

function Notices(props: { image: ApplicationRow }) {
  const { exemption, graceUntil, detection, freshness, notes, platformBases } =
    props.image;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      {exemption && (
        <Alert
          status="info"
          icon
          title={t('card.exempt', {
            date: exemption.until,
            reason: exemption.reason,
          })}
        />
      )}
      {graceUntil && (
        <Text variant="body-small">
          {t('card.grace', { date: graceUntil })}
        </Text>
      )}
      {freshness === 'unmanaged' && (
        <Text variant="body-medium">{t('card.unmanaged')}</Text>
      )}
      {detection.mismatch && (
        <Alert status="warning" icon title={t('card.mismatch')} />
      )}
      {!detection.mismatch &&
        !platformBases &&
        notes.map(note => (
          <Text key={note} variant="body-small">
            {note}
          </Text>
        ))}
      {platformBases && <PlatformBases platforms={platformBases} />}
    </>
  );
}

/** What each platform stands on, where that is not one base. */
function PlatformBases(props: {
  platforms: NonNullable<ApplicationRow['platformBases']>;
}) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Flex direction="column" gap="1">
      <Text variant="body-medium">{t('card.platforms')}</Text>
      {props.platforms.map(({ platform, base, status }) => (
        <Text key={platform} variant="body-small">
          {platform}: {base ? baseName(base) : t('card.noBase')} ·{' '}
          {t(`filter.${status}`)}
        </Text>
      ))}
    </Flex>
  );
}

/** When and from what it was built, how its base is known, and who said so. */
function Provenance(props: { image: ApplicationRow }) {
  const { image } = props;
  const { method, confidence } = image.detection;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const built = [
    image.builtAt && t('card.built', { date: image.builtAt.slice(0, 10) }),
    image.revision &&
      t('card.builtFrom', { revision: image.revision.slice(0, 12) }),
  ];
  const registered =
    image.state === 'discovered'
      ? t('card.discovered')
      : t('card.registeredBy', { subject: image.registeredBy });
  const found = [
    t(`card.detected.${method}`),
    // what each platform stands on is said above, and left open is nothing
    !image.platformBases && t(`card.confidence.${confidence}`),
  ];
  return (
    <Text variant="body-small">
      {[
        built.filter(Boolean).join(' '),
        found.filter(Boolean).join(', '),
        registered,
      ]
        .filter(Boolean)
        .join(' · ')}
    </Text>
  );
}

function baseName(base: NonNullable<ApplicationRow['base']>): string {
  const repository = base.reference.slice(0, base.reference.lastIndexOf(':'));
  return `${base.name ?? shortName(repository)} ${tagOf(base.reference)}`;
}
