import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Container, Flex, Grid } from '@backstage/ui';
import { useReading } from '../../hooks/useReading';
import type { Tier } from '../../hooks/useTierTable';
import { imglifeTranslationRef } from '../../translation';
import { DataAge } from '../DataAge';
import { DefinitionAlerts } from '../DefinitionAlerts';
import { AdoptionCard } from './AdoptionCard';
import { AttentionCard } from './AttentionCard';
import { EolCard } from './EolCard';
import styles from './Overview.module.css';
import { TierCountsCard } from './TierCountsCard';

const ADOPTION_REFRESH_MS = 60_000;
const TIERS: Tier[] = ['mirrors', 'bases', 'applications'];

/** What the platform team looks at first: how many, what ends, what is wrong. */
export function OverviewPage() {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const summary = useReading(['summary'], api => api.getSummary());
  const adoption = useReading(
    ['adoption'],
    api => api.getAdoption({ days: 1 }),
    ADOPTION_REFRESH_MS,
  );
  return (
    <main>
      <Container py="4">
        <Flex direction="column" gap="4">
          <DefinitionAlerts summary={summary.value} />
          {summary.error && (
            <Alert
              status="danger"
              icon
              role="alert"
              title={t(
                summary.value
                  ? 'overview.failedStale'
                  : 'overview.countsFailed',
              )}
              description={summary.error.message}
              customActions={
                <Button
                  size="small"
                  variant="secondary"
                  onPress={summary.retry}
                >
                  {t('table.retry')}
                </Button>
              }
            />
          )}
          <DataAge summary={summary.value} />
          <Grid.Root columns={{ initial: '1', md: '3' }} gap="4">
            {TIERS.map(tier => (
              <TierCountsCard
                key={tier}
                tier={tier}
                counts={summary.value?.[tier]}
                isLoading={!summary.value && !summary.error}
              />
            ))}
          </Grid.Root>
          <AttentionCard />
          <div className={styles.charts}>
            <EolCard adoption={adoption} />
            <AdoptionCard adoption={adoption} />
          </div>
        </Flex>
      </Container>
    </main>
  );
}
