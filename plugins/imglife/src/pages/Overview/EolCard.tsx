import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Flex, Text } from '@backstage/ui';
import type { Adoption } from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import { useBaseCycles } from '../../hooks/useBaseCycles';
import { useNow } from '../../hooks/useNow';
import type { Reading } from '../../hooks/useReading';
import { eolTimeline } from '../../rules/eolTimeline';
import { imglifeTranslationRef } from '../../translation';
import { ChartOrTable } from './ChartOrTable';
import { EolTable } from './EolTable';
import { EolTimeline } from './EolTimeline';
import { OverviewCard } from './OverviewCard';

/** Which bases end when, and have ended. */
export function EolCard(props: { adoption: Reading<Adoption> }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [isTable, setTable] = useState(false);
  const now = useNow();
  const reading = useBaseCycles(props.adoption);
  return (
    <OverviewCard
      title={t('timeline.title')}
      reading={reading}
      actions={<ChartOrTable isTable={isTable} onChange={setTable} />}
    >
      {({ cycles, truncated }) => {
        const timeline = eolTimeline(cycles, now);
        if (!timeline.bars.length) {
          return <Text variant="body-medium">{t('timeline.empty')}</Text>;
        }
        return (
          <Flex direction="column" gap="2">
            {isTable ? (
              <EolTable cycles={timeline.bars.map(({ cycle }) => cycle)} />
            ) : (
              <EolTimeline timeline={timeline} />
            )}
            {truncated && (
              <Text variant="body-small" color="secondary">
                {t('timeline.truncated')}
              </Text>
            )}
          </Flex>
        );
      }}
    </OverviewCard>
  );
}
