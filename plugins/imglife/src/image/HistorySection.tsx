import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton, Switch, Text } from '@backstage/ui';
import type {
  HistoryEntry,
  Page,
} from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import { usePages } from '../hooks/usePages';
import { When } from '../pages/cells/WhenCell';
import { shortDigest } from '../rules/shortDigest';
import { sizeWords } from '../rules/sizeWords';
import { imglifeTranslationRef } from '../translation';
import { Failure } from './Failure';
import { PageButtons } from './PageButtons';
import { RunLink } from './RunLink';
import { Section } from './Section';
import styles from './image.module.css';

const PAGE = 10;

/** What happened to an image, newest first, and the runs that did it. */
export function HistorySection(props: { repository: string; tag: string }) {
  const { repository } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [isWhole, setWhole] = useState(false);
  const tag = isWhole ? undefined : props.tag;
  const { answer, error, retry, ...pages } = usePages<Page<HistoryEntry>>(
    ['history', repository, tag ?? ''],
    (api, cursor) => api.getHistory({ repository, tag, cursor, limit: PAGE }),
  );
  return (
    <Section
      title={t('image.history')}
      extra={
        <Switch
          label={t('image.wholeRepository')}
          isSelected={isWhole}
          onChange={setWhole}
        />
      }
    >
      {error && (
        <Failure
          title={t('image.historyFailed')}
          error={error}
          onRetry={retry}
        />
      )}
      {!answer && !error && <Skeleton height={96} />}
      {answer?.items.length === 0 && (
        <Text variant="body-medium">{t('image.noHistory')}</Text>
      )}
      {answer && answer.items.length > 0 && (
        <ol className={styles.list}>
          {answer.items.map((entry, index) => (
            <li key={`${entry.kind} ${entry.at} ${entry.tag} ${index}`}>
              <Entry entry={entry} />
            </li>
          ))}
        </ol>
      )}
      <PageButtons
        label={t('image.history')}
        isFirst={pages.isFirst}
        nextCursor={answer?.pageInfo.nextCursor}
        onPrevious={pages.previous}
        onNext={pages.next}
      />
    </Section>
  );
}

function Entry(props: { entry: HistoryEntry }) {
  const { entry } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const details = [
    entry.digest && digests(entry),
    entry.base && t('image.onBase', { base: entry.base }),
    entry.revision &&
      t('card.builtFrom', { revision: shortDigest(entry.revision) }),
    ...entry.reasons,
    entry.bytes && sizeWords(entry.bytes),
    t('image.by', { actor: entry.actor }),
  ].filter(Boolean);
  return (
    <>
      <div className={styles.line}>
        <Text variant="body-medium" weight="bold">
          {t(`image.did-${entry.kind}-${entry.state}`)} {entry.tag}
        </Text>
        <Text variant="body-medium" color="secondary">
          <When at={entry.at} />
        </Text>
        {entry.runId && <RunLink id={entry.runId} />}
      </div>
      <Text variant="body-small" color="secondary">
        {details.join(' · ')}
      </Text>
      {entry.error && (
        <Text variant="body-small" color="danger">
          {entry.error}
        </Text>
      )}
    </>
  );
}

function digests({ digest, previousDigest }: HistoryEntry): string {
  const now = shortDigest(digest!);
  return previousDigest && previousDigest !== digest
    ? `${shortDigest(previousDigest)} → ${now}`
    : now;
}
