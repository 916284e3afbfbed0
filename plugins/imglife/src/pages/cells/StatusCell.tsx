import { Cell, Text } from '@backstage/ui';
import type { StatusFacts } from '@imglife/backstage-plugin-imglife-common';
import { StatusLabel } from './StatusLabel';
import styles from './cells.module.css';

/** The status of a row, and below it why or until when. */
export function StatusCell(props: {
  facts: StatusFacts;
  note?: string | null;
}) {
  return (
    <Cell>
      <StatusLabel facts={props.facts} />
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
