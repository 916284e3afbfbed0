import { cutByPattern, replaceByPattern } from './cutByPattern';
import { DockerfileError } from './DockerfileError';

const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9])/;

/**
 * Values of variables; undefined where a name has none. `plain` is false where
 * a modifier such as `:-` says what stands for a missing value.
 *
 * @public
 */
export type Variables = (name: string, plain: boolean) => string | undefined;

const OPERATOR = /^(?::?[-+?]|##?|%%?|\/\/?|\})/;

function isCut(operator: string): operator is '#' | '##' | '%' | '%%' {
  return /^[#%]/.test(operator);
}

/** Walks once over a word; brackets inside `${…}` make it call itself. */
class WordReader {
  readonly #text: string;
  readonly #escape: string;
  readonly #variables: Variables;
  readonly #quotes: boolean;
  #at = 0;

  constructor(
    text: string,
    escape: string,
    variables: Variables,
    quotes: boolean,
  ) {
    this.#text = text;
    this.#escape = escape;
    this.#variables = variables;
    this.#quotes = quotes;
  }

  /** @param end - where to stop, or empty for the end of the word */
  read(end: '}' | ''): string {
    let result = '';
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === end) {
        this.#at++;
        return result;
      }
      if (char === "'" && this.#quotes) {
        result += this.#singleQuoted();
      } else if (char === '"' && this.#quotes) {
        result += this.#doubleQuoted();
      } else {
        result += this.#plain(char);
      }
    }
    if (end !== '') {
      throw this.#fault('"${" is not closed');
    }
    return result;
  }

  #plain(char: string): string {
    if (char === '$') {
      return this.#variable();
    }
    if (char === this.#escape && this.#at + 1 < this.#text.length) {
      this.#at++;
    }
    return this.#text[this.#at++];
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) {
      throw this.#fault("a quote ' is not closed");
    }
    const result = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return result;
  }

  #doubleQuoted(): string {
    let result = '';
    this.#at++;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === '"') {
        this.#at++;
        return result;
      }
      const next = this.#text[this.#at + 1];
      if (char === '$') {
        result += this.#variable();
      } else if (
        char === this.#escape &&
        (next === '"' || next === '$' || next === this.#escape)
      ) {
        result += next;
        this.#at += 2;
      } else {
        result += char;
        this.#at++;
      }
    }
    throw this.#fault('a quote " is not closed');
  }

  #variable(): string {
    this.#at++;
    const braced = this.#text[this.#at] === '{';
    const rest = this.#text.slice(this.#at + (braced ? 1 : 0));
    const name = NAME.exec(rest)?.[0];
    if (name === undefined) {
      if (braced) {
        throw this.#fault('"${" needs the name of a variable');
      }
      return '$';
    }
    this.#at += name.length + (braced ? 1 : 0);
    const plain = !braced || !/[-:+?]/.test(this.#text[this.#at] ?? '');
    const value = this.#variables(name, plain);
    return braced ? this.#modified(value) : value ?? '';
  }

  #modified(value: string | undefined): string {
    const rest = this.#text.slice(this.#at);
    const operator = OPERATOR.exec(rest)?.[0];
    if (operator === undefined) {
      throw this.#fault(
        'only ${x} with :-, -, :+, +, :?, ?, #, ##, %, %%, / and // is known',
      );
    }
    this.#at += operator.length;
    if (operator === '}') {
      return value ?? '';
    }
    if (operator === '/' || operator === '//') {
      const pattern = this.#pattern('/');
      const text = this.read('}');
      return replaceByPattern(value ?? '', operator, pattern, text);
    }
    if (isCut(operator)) {
      return cutByPattern(value ?? '', operator, this.#pattern('}'));
    }
    const word = this.read('}');
    const isSet = operator.startsWith(':')
      ? Boolean(value)
      : value !== undefined;
    if (operator.endsWith('?') && !isSet) {
      throw this.#fault(word || 'a variable that is needed is not set');
    }
    if (!operator.endsWith('+')) {
      return isSet ? value ?? '' : word;
    }
    return isSet ? word : '';
  }

  /** A shell pattern, with what is escaped still escaped, by a backslash. */
  #pattern(end: '}' | '/'): string {
    let result = '';
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === end) {
        this.#at++;
        return result;
      }
      if (char === '$') {
        result += this.#variable();
      } else {
        const escaped = char === this.#escape || char === '\\';
        const isPair =
          char === this.#escape && this.#at + 1 < this.#text.length;
        this.#at += isPair ? 1 : 0;
        result += `${escaped ? '\\' : ''}${this.#text[this.#at++]}`;
      }
    }
    throw this.#fault('"${" is not closed');
  }

  #fault(reason: string): DockerfileError {
    return new DockerfileError(`${reason} in ${this.#text}`);
  }
}

/**
 * Removes quotes and escapes of a word and puts in its variables, as in a
 * shell (Dockerfile reference, "Environment replacement").
 *
 * @param escape - the Dockerfile's escape character
 * @throws DockerfileError - a quote or bracket is open, or a modifier is not known
 * @public
 */
export function expandWord(
  word: string,
  escape: string,
  variables: Variables,
): string {
  return new WordReader(word, escape, variables, true).read('');
}

/**
 * Puts the variables into a here-document: quotes are text like any other, and
 * a backslash takes the meaning from what follows it (as BuildKit does).
 *
 * @throws DockerfileError - a bracket is open, or a modifier is not known
 * @public
 */
export function expandHeredoc(content: string, variables: Variables): string {
  return new WordReader(content, '\\', variables, false).read('');
}
