import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonIcon } from '@backstage/ui';
import { RiBarChartHorizontalLine, RiTableLine } from '@remixicon/react';
import { imglifeTranslationRef } from '../../translation';

/** Turns a chart into the table of the same facts, and back. */
export function ChartOrTable(props: {
  isTable: boolean;
  onChange: (isTable: boolean) => void;
}) {
  const { isTable, onChange } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <ButtonIcon
      size="small"
      variant="tertiary"
      aria-label={t(isTable ? 'overview.asChart' : 'overview.asTable')}
      icon={isTable ? <RiBarChartHorizontalLine /> : <RiTableLine />}
      onPress={() => onChange(!isTable)}
    />
  );
}
