import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Switch } from '@backstage/ui';
import type { TierTable } from '../../hooks/useTierTable';
import { imglifeTranslationRef } from '../../translation';

/** Shows what the default view leaves out: retired bases, earlier builds. */
export function AllSwitch(props: {
  tier: 'bases' | 'applications';
  table: Pick<TierTable<unknown>, 'query' | 'setFilter'>;
}) {
  const { tier, table } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Switch
      label={t(`filter.all-${tier}`)}
      isSelected={table.query.all ?? false}
      onChange={all => table.setFilter({ all: all ? 'true' : undefined })}
    />
  );
}
