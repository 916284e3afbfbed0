import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Tag, TagGroup } from '@backstage/ui';
import type { TierQuery } from '@imglife/backstage-plugin-imglife-common';
import { type Filter, FILTERS } from '../../rules/tierQuery';
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
  const textOf = (name: Filter, value: string | boolean) =>
    name === 'used' || name === 'owned'
      ? t(`filter.${name}-${value as boolean}`)
      : `${name}: ${value}`;
  if (!active.length) {
    return null;
  }
  return (
    <TagGroup
      aria-label={t('filter.active')}
      onRemove={keys => keys.forEach(key => onRemove(String(key)))}
    >
      {active.map(name => {
        const text = textOf(name, query[name]!);
        return (
          <Tag key={name} id={name} textValue={text}>
            {text}
          </Tag>
        );
      })}
    </TagGroup>
  );
}
