import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Card, Flex, Text } from '@backstage/ui';
import { type ReactNode, useId } from 'react';
import type { Reading } from '../../hooks/useReading';
import { imglifeTranslationRef } from '../../translation';
import { Loading } from '../Loading';
import styles from './Overview.module.css';

/**
 * A card of the overview with what was read: a placeholder before, the reason
 * and a way on when it fails, and what was there before beside that.
 */
export function OverviewCard<T>(props: {
  title: string;
  reading: Reading<T>;
  /** of the placeholder, in pixels */
  height?: number;
  actions?: ReactNode;
  children: (value: T) => ReactNode;
}) {
  const { title, reading, height = 160, actions, children } = props;
  const { value, error, retry } = reading;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const id = useId();
  return (
    <Card className={styles.card}>
      <section aria-labelledby={id} aria-busy={!value && !error}>
        <Flex justify="between" align="center" mb="3" className={styles.header}>
          <Text as="h2" variant="title-x-small" id={id}>
            {title}
          </Text>
          {value !== undefined && actions}
        </Flex>
        {error && (
          <Alert
            status="danger"
            icon
            role="alert"
            mb="3"
            title={t(
              value === undefined ? 'overview.failed' : 'overview.failedStale',
            )}
            description={error.message}
            customActions={
              <Button size="small" variant="secondary" onPress={retry}>
                {t('table.retry')}
              </Button>
            }
          />
        )}
        {value !== undefined && children(value)}
        {value === undefined && !error && <Loading height={height} />}
      </section>
    </Card>
  );
}
