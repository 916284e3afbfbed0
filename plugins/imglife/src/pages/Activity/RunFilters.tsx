import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, Switch, Tag, TagGroup } from '@backstage/ui';
import {
  runKinds,
  type RunQuery,
  runStates,
} from '@imglife/backstage-plugin-imglife-common';
import type { UrlState } from '../../routing/useUrlState';
import { imglifeTranslationRef } from '../../translation';
import styles from './Activity.module.css';

const ANY = 'any';

/** Changes of the URL that leave no filter of runs. */
export const NO_RUN_FILTERS = {
  kind: undefined,
  state: undefined,
  target: undefined,
  failing: undefined,
  cursor: undefined,
};

/** Filters of the runs, by the URL. */
export function RunFilters(props: {
  query: RunQuery;
  change: (changes: UrlState) => void;
}) {
  const { query, change } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  // another filter is another list: a place in the old one is none in it
  const filter = (changes: UrlState) =>
    change({ ...changes, cursor: undefined });
  return (
    <div className={styles.filters}>
      <div className={styles.select}>
        <Select
          aria-label={t('activity.kindFilter')}
          value={query.kind ?? ANY}
          onChange={key =>
            filter({ kind: key === ANY ? undefined : String(key) })
          }
          options={[
            { id: ANY, label: t('activity.anyKind') },
            ...runKinds.map(kind => ({
              id: kind,
              label: t(`activity.kind.${kind}`),
            })),
          ]}
        />
      </div>
      <div className={styles.select}>
        <Select
          aria-label={t('activity.stateFilter')}
          value={query.state ?? ANY}
          onChange={key =>
            filter({ state: key === ANY ? undefined : String(key) })
          }
          options={[
            { id: ANY, label: t('activity.anyState') },
            ...runStates.map(state => ({
              id: state,
              label: t(`activity.state.${state}`),
            })),
          ]}
        />
      </div>
      <Switch
        label={t('activity.failing')}
        isSelected={query.failing ?? false}
        onChange={failing => filter({ failing: failing ? 'true' : undefined })}
      />
      {query.target && (
        <TagGroup
          aria-label={t('filter.active')}
          onRemove={() => filter({ target: undefined })}
        >
          <Tag id="target" textValue={query.target}>
            {t('activity.target', { target: query.target })}
          </Tag>
        </TagGroup>
      )}
    </div>
  );
}
