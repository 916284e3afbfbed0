import { Text } from '@backstage/ui';
import { type ReactNode, useId } from 'react';
import styles from './image.module.css';

/** A part of what is told of an image, under a heading of its own. */
export function Section(props: {
  title: string;
  /** what stands above it decides; 3 by default, as below a dialog's title */
  level?: 2 | 3;
  /** beside the heading */
  extra?: ReactNode;
  children: ReactNode;
}) {
  const { level = 3 } = props;
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <div className={styles.heading}>
        <Text
          as={`h${level}` as const}
          variant="body-large"
          weight="bold"
          id={id}
        >
          {props.title}
        </Text>
        {props.extra}
      </div>
      {props.children}
    </section>
  );
}
