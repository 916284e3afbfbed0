import type { Run } from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from './CliContext';
import { progressBar, progressLine } from './progressLine';

/** Log lines, and below them the bar where there is a terminal. */
export class RunView {
  readonly #context: CliContext;
  #bar = '';
  #shown = '';

  static create(context: CliContext): RunView {
    return new RunView(context);
  }

  private constructor(context: CliContext) {
    this.#context = context;
  }

  /** A line of the log. */
  log(line: string): void {
    this.#context.rewrite?.('');
    this.#context.print(line);
    this.#context.rewrite?.(this.#bar);
  }

  /** How far it has come. */
  progress(run: Run): void {
    if (this.#context.rewrite) {
      this.#bar = progressBar(run);
      this.#context.rewrite(this.#bar);
      return;
    }
    const { line, step } = progressLine(run);
    if (step !== this.#shown) {
      this.#shown = step;
      this.#context.warn(line);
    }
  }

  /** Takes the bar away. */
  clear(): void {
    this.#context.rewrite?.('');
  }
}
