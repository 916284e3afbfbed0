import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Tag, TagGroup } from '@backstage/ui';
import type { TierQuery } from '@imglife/backstage-plugin-imglife-common';
import { FILTERS } from '../../rules/tierQuery';
import { imglifeTranslationRef } from '../../translation';

/** Filters that came with the link and have no control: shown, and removable. */
export function ActiveFilters(props: {
  query: TierQuery;
  onRemove: (filter: string) => void;
}) {
  const { query, onRemove } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const active = FILTERS.filter(
    name => name !== 'status' && query[name] !== undefined,
  );
  if (!active.length) {
    return null;
  }
  return (
    <TagGroup
      aria-label={t('filter.active')}
      onRemove={keys => keys.forEach(key => onRemove(String(key)))}
    >
      {active.map(name => (
        <Tag key={name} id={name} textValue={`${name}: ${query[name]}`}>
          {name}: {query[name]}
        </Tag>
      ))}
    </TagGroup>
  );
}
