import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Flex, Text } from '@backstage/ui';
import { DateTime } from 'luxon';
import { memo, useEffect, useRef, useState } from 'react';
import { useRunLog } from '../../hooks/useRunLog';
import { imglifeTranslationRef } from '../../translation';
import styles from './Activity.module.css';

/** More lines than this are shown on demand: a browser draws no 100,000. */
const SHOWN = 500;
/** within so many pixels of its end, the view moves on with the log */
const NEAR_END = 24;

/** A line: `<instant> <text>`, the instant as the user's time of day. */
function Line(props: { line: string }) {
  const space = props.line.indexOf(' ');
  const at = DateTime.fromISO(props.line.slice(0, space));
  if (!at.isValid) {
    return <div>{props.line}</div>;
  }
  return (
    <div>
      <time dateTime={at.toISO()} className={styles.time}>
        {at.toLocaleString(DateTime.TIME_24_WITH_SECONDS)}
      </time>{' '}
      {props.line.slice(space + 1)}
    </div>
  );
}

const LogLine = memo(Line);

/** The log of a run as it is written. */
export function RunLogView(props: { id: string; isOpen: boolean }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const log = useRunLog(props.id, props.isOpen);
  const [shown, setShown] = useState(SHOWN);
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const first = Math.max(0, log.lines.length - shown);

  useEffect(() => {
    const element = box.current;
    if (element && isAtEnd.current) {
      element.scrollTop = element.scrollHeight;
    }
  }, [log.lines]);

  return (
    <Flex direction="column" gap="2">
      <Text as="h3" variant="body-large" weight="bold">
        {t('runDialog.log')}
      </Text>
      {log.error && (
        <Alert
          status="warning"
          icon
          role="alert"
          title={t('runDialog.logBroken')}
          description={log.error.message}
          customActions={
            <Button size="small" variant="secondary" onPress={log.retry}>
              {t('table.retry')}
            </Button>
          }
        />
      )}
      {log.isRetrying && (
        <Text variant="body-small" color="secondary" role="status">
          {t('runDialog.logAgain')}
        </Text>
      )}
      {first > 0 && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => {
            isAtEnd.current = false;
            setShown(log.lines.length);
          }}
        >
          {t('runDialog.earlier', { count: first })}
        </Button>
      )}
      <div
        ref={box}
        role="log"
        // read when one comes to it: every line aloud would be a flood
        aria-live="off"
        aria-label={t('runDialog.log')}
        // it scrolls, so that it must be reached by keyboard
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className={styles.log}
        onScroll={({ currentTarget: at }) => {
          isAtEnd.current =
            at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END;
        }}
      >
        {log.lines.slice(first).map((line, index) => (
          <LogLine key={first + index} line={line} />
        ))}
        {!log.lines.length && !log.error && (
          <span className={styles.time}>
            {t(log.isWhole ? 'runDialog.noLogEver' : 'runDialog.noLog')}
          </span>
        )}
      </div>
    </Flex>
  );
}
