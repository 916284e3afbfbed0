import type { ReactNode } from 'react';
import styles from './image.module.css';

/** Facts, each with what it is called. */
export function Facts(props: { children: ReactNode }) {
  return <dl className={styles.facts}>{props.children}</dl>;
}

/** One fact; what is not known is not shown. */
export function Fact(props: { term: string; children: ReactNode }) {
  if (!props.children) {
    return null;
  }
  return (
    <>
      <dt>{props.term}</dt>
      <dd>{props.children}</dd>
    </>
  );
}
