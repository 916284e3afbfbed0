import { Link } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './Overview.module.css';

/**
 * A line of a chart that leads to what it stands for; where there is nowhere to
 * go, it is text.
 */
export function BarLink(props: {
  href: string | undefined;
  className: string;
  children: ReactNode;
}) {
  const { href, className, children } = props;
  const classes = `${styles.bar} ${className}`;
  return href ? (
    <Link href={href} standalone className={classes}>
      {children}
    </Link>
  ) : (
    <div className={classes}>{children}</div>
  );
}
