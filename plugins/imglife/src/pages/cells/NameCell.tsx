import { Cell, Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './cells.module.css';

/** A name and what belongs below it; long names wrap instead of vanishing. */
export function NameCell(props: { name: ReactNode; below?: ReactNode }) {
  return (
    <Cell>
      <Text as="p" variant="body-medium" className={styles.name}>
        {props.name}
      </Text>
      {props.below && (
        <Text
          as="p"
          variant="body-small"
          color="secondary"
          className={styles.name}
        >
          {props.below}
        </Text>
      )}
    </Cell>
  );
}
