import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { Button, Skeleton, Text } from '@backstage/ui';
import type {
  Lineage,
  LineageImage,
  Tier,
} from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import { type Pages, usePages } from '../hooks/usePages';
import { StatusLabel } from '../pages/cells/StatusLabel';
import { imglifeTranslationRef } from '../translation';
import { Failure } from './Failure';
import { ImageLink } from './ImageLink';
import { PageButtons } from './PageButtons';
import { Section } from './Section';
import styles from './image.module.css';

const PAGE = 10;

/** What an image is built on, down to its upstream, and what is built on it. */
export function LineageSection(props: { reference: string; tier: Tier }) {
  const { reference, tier } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const pages = usePages<Lineage>(['lineage', reference], (api, cursor) =>
    api.getLineage({ reference, limit: PAGE, ...(cursor && { cursor }) }),
  );
  const { answer, error, retry } = pages;
  return (
    <>
      {error && (
        <Failure
          title={t('image.lineageFailed')}
          error={error}
          onRetry={retry}
        />
      )}
      {!answer && !error && <Skeleton height={96} />}
      {answer && <BuiltOn lineage={answer} />}
      {answer && tier !== 'applications' && (
        <>
          <Bases lineage={answer} />
          <Applications lineage={answer} pages={pages} />
        </>
      )}
    </>
  );
}

function BuiltOn(props: { lineage: Lineage }) {
  const { builtOn } = props.lineage;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Section title={t('image.builtOn')}>
      {builtOn.length > 0 ? (
        <Images images={builtOn} />
      ) : (
        <Text variant="body-medium">{t('image.onNothing')}</Text>
      )}
    </Section>
  );
}

function Bases(props: { lineage: Lineage }) {
  const { bases, totalBases } = props.lineage;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [isWhole, setWhole] = useState(false);
  if (bases.length === 0) {
    return null;
  }
  const shown = isWhole ? bases : bases.slice(0, PAGE);
  return (
    <Section title={t('image.basesOn', { count: totalBases })}>
      <Images images={shown} />
      {!isWhole && bases.length > PAGE && (
        <div>
          <Button
            size="small"
            variant="secondary"
            onPress={() => setWhole(true)}
          >
            {t('image.showMore', { count: bases.length - PAGE })}
          </Button>
        </div>
      )}
      {isWhole && totalBases > bases.length && (
        <Text variant="body-small">
          {t('image.notShown', { count: totalBases - bases.length })}
        </Text>
      )}
    </Section>
  );
}

function Applications(props: { lineage: Lineage; pages: Pages<Lineage> }) {
  const { lineage, pages } = props;
  const { items, totalItems, totalIsLowerBound, pageInfo } =
    lineage.applications;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const title = totalIsLowerBound
    ? t('image.applicationsOnMany', { shown: totalItems.toLocaleString() })
    : t('image.applicationsOn', { count: totalItems });
  return (
    <Section title={title}>
      {items.length > 0 ? (
        <Images images={items} />
      ) : (
        <Text variant="body-medium">{t('image.noApplications')}</Text>
      )}
      <PageButtons
        label={title}
        isFirst={pages.isFirst}
        nextCursor={pageInfo.nextCursor}
        onPrevious={pages.previous}
        onNext={pages.next}
      />
    </Section>
  );
}

function Images(props: { images: LineageImage[] }) {
  return (
    <ul className={styles.list}>
      {props.images.map(image => (
        <li key={`${image.tier} ${image.reference}`}>
          <OneImage image={image} />
        </li>
      ))}
    </ul>
  );
}

function OneImage(props: { image: LineageImage }) {
  const { reference, tier, status, support, freshness, owner, eolDate } =
    props.image;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <div className={styles.line}>
      {tier === 'upstream' ? (
        <Text variant="body-medium">{reference}</Text>
      ) : (
        <ImageLink tier={tier} reference={reference} />
      )}
      {status && (
        <StatusLabel
          facts={{
            status,
            support: support ?? 'unknown',
            ...(freshness && { freshness }),
          }}
        />
      )}
      <Text variant="body-small" color="secondary">
        {tier === 'upstream'
          ? t('image.upstream')
          : eolDate && t('card.eolOn', { date: eolDate })}
      </Text>
      {owner && <EntityRefLink entityRef={owner} />}
    </div>
  );
}
