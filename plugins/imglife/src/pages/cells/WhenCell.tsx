import { Cell, Text } from '@backstage/ui';
import { DateTime } from 'luxon';
import { useNow } from '../../hooks/useNow';
import styles from './cells.module.css';

/** How long ago an instant was; the instant itself on hover. */
export function When(props: { at: string }) {
  const now = useNow();
  const at = DateTime.fromISO(props.at);
  return (
    <time dateTime={props.at} title={at.toLocaleString(DateTime.DATETIME_FULL)}>
      {at.toRelative({ base: DateTime.fromJSDate(now) })}
    </time>
  );
}

/** A cell with an instant, or a dash. */
export function WhenCell(props: { at: string | null; note?: string }) {
  return (
    <Cell>
      <Text as="p" variant="body-medium" className={styles.when}>
        {props.at ? <When at={props.at} /> : '–'}
      </Text>
      {props.note && (
        <Text
          as="p"
          variant="body-small"
          color="secondary"
          className={styles.note}
        >
          {props.note}
        </Text>
      )}
    </Cell>
  );
}
