/** `{{ upstreamTag }}-core{{ coreVersion }}` (domain, Base images). */
export const DEFAULT_TAG_FORMAT = '{{ upstreamTag }}-core{{ coreVersion }}';

/** The most characters of a tag (OCI distribution-spec, "Pulling manifests"). */
const MAX_TAG_LENGTH = 128;

const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const VARIABLES = ['upstreamTag', 'coreVersion'];

/**
 * What is wrong with a `tagFormat`: it needs both variables once and a literal
 * between them, so that a tag can be read back, and its text must fit into a
 * tag (OCI distribution-spec: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`).
 *
 * @returns the fault and its cure; undefined when the format is good
 */
export function tagFormatFault(format: string): string | undefined {
  const names = [...format.matchAll(VARIABLE)].map(([, name]) => name);
  const unknown = names.find(name => !VARIABLES.includes(name));
  if (unknown !== undefined) {
    return `unknown variable "${unknown}"; only upstreamTag and coreVersion are known`;
  }
  const missing = VARIABLES.find(
    name => names.filter(other => other === name).length !== 1,
  );
  if (missing) {
    return `must hold {{ ${missing} }} exactly once`;
  }
  const [before, between, after] = format.split(/\{\{[^{}]*\}\}/);
  if (between === '') {
    return 'needs a text between the two variables, such as "-core", to be read back';
  }
  const literals = before + between + after;
  if (!/^[A-Za-z0-9._-]*$/.test(literals) || /^[.-]/.test(before)) {
    return 'may hold letters, digits, ".", "_" and "-" beside the variables, and starts with none of "." and "-"';
  }
  // each variable is at least one character
  if (literals.length + VARIABLES.length > MAX_TAG_LENGTH) {
    return `gives tags of over ${MAX_TAG_LENGTH} characters; shorten the text`;
  }
  return undefined;
}

const FLOATING_VARIABLES = ['cycle', 'suffix'];

/**
 * What is wrong with a format of `floatingTags`: it may hold the variables
 * cycle and suffix, and must give a tag.
 *
 * @returns the fault and its cure; undefined when the format is good
 */
export function floatingTagFault(format: string): string | undefined {
  const unknown = [...format.matchAll(VARIABLE)]
    .map(([, name]) => name)
    .find(name => !FLOATING_VARIABLES.includes(name));
  if (unknown !== undefined) {
    return `unknown variable "${unknown}"; only cycle and suffix are known`;
  }
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(
    format.replace(VARIABLE, '1'),
  )
    ? undefined
    : 'gives no tag: letters, digits, ".", "_" and "-", at most 128';
}
