import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import {
  type Status,
  statusValues,
  type TierCounts,
} from '@imglife/backstage-plugin-imglife-common';
import { imglifeTranslationRef } from '../../translation';
import { StatusIcon } from '../cells/StatusLabel';

/** The counts of a tier, each of which shows its rows alone. */
export function StatusFilter(props: {
  counts: TierCounts | undefined;
  value: Status | undefined;
  onChange: (status: Status | undefined) => void;
}) {
  const { counts, value, onChange } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <ToggleButtonGroup
      aria-label={t('filter.label')}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value ?? 'all']}
      onSelectionChange={keys => {
        const [key] = [...keys];
        onChange(key === 'all' ? undefined : (key as Status));
      }}
    >
      <ToggleButton id="all" size="small">
        {t('filter.all')} {counts?.total.toLocaleString()}
      </ToggleButton>
      <>
        {statusValues.map(status => (
          <ToggleButton
            key={status}
            id={status}
            size="small"
            iconStart={<StatusIcon status={status} />}
          >
            {t(`filter.${status}`)} {counts?.[status].toLocaleString()}
          </ToggleButton>
        ))}
      </>
    </ToggleButtonGroup>
  );
}
