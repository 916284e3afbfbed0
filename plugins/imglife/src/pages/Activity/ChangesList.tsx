import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Tag, TagGroup, Text } from '@backstage/ui';
import type {
  ImglifeApi,
  TransitionQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { useCursorPage } from '../../hooks/useCursorPage';
import { useUrlState } from '../../routing/useUrlState';
import { transitionQueryOf } from '../../rules/activityQuery';
import { imglifeTranslationRef } from '../../translation';
import { ActivityTable } from './ActivityTable';
import { useChangeColumns } from './useChangeColumns';

const readChanges = (api: ImglifeApi, query: TransitionQuery) =>
  api.listTransitions(query);

/** Changes of verdicts, newest first. */
export function ChangesList() {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [state, change] = useUrlState();
  const query = useMemo(() => transitionQueryOf(state), [state]);
  const list = useCursorPage('transitions', query, readChanges);
  const rows = useMemo(
    () =>
      list.page && {
        ...list.page,
        items: list.page.items.map(item => ({ ...item, id: String(item.id) })),
      },
    [list.page],
  );
  const { base } = query;
  return (
    <>
      {base && (
        <TagGroup
          aria-label={t('filter.active')}
          onRemove={() => change({ base: undefined, cursor: undefined })}
        >
          <Tag id="base" textValue={base}>
            {t('activity.base', { base })}
          </Tag>
        </TagGroup>
      )}
      <ActivityTable
        list={{ ...list, page: rows }}
        columns={useChangeColumns()}
        limit={query.limit!}
        cursor={query.cursor}
        change={change}
        countText={(shown, count, isLowerBound) =>
          isLowerBound
            ? t('activity.changeRowsAtLeast', { shown })
            : t('activity.changeRows', { count, shown })
        }
        emptyState={
          <Text variant="body-medium">
            {t(base ? 'activity.noChangesOfBase' : 'activity.noChanges')}
          </Text>
        }
      />
    </>
  );
}
