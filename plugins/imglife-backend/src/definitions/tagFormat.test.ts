import {
  floatingTagFault,
  DEFAULT_TAG_FORMAT,
  tagFormatFault,
} from './tagFormat';

describe('tagFormatFault', () => {
  it.each([
    DEFAULT_TAG_FORMAT,
    '{{upstreamTag}}-core{{coreVersion}}',
    '{{   upstreamTag }}_{{ coreVersion   }}',
    'v{{ coreVersion }}-of-{{ upstreamTag }}.x',
    `{{upstreamTag}}-{{coreVersion}}${'x'.repeat(125)}`,
  ])('takes %s', format => {
    expect(tagFormatFault(format)).toBeUndefined();
  });

  it.each([
    ['latest', /\{\{ upstreamTag \}\} exactly once/],
    ['{{ upstreamTag }}-core', /\{\{ coreVersion \}\} exactly once/],
    [
      '{{ upstreamTag }}-{{ coreVersion }}-{{ upstreamTag }}',
      /\{\{ upstreamTag \}\} exactly once/,
    ],
    ['{{ upstreamTag }}{{ coreVersion }}', /between the two variables/],
    ['{{ upstreamTag }}-{{ version }}', /unknown variable "version"/],
    ['{{ upstreamTag }}-core{{ coreVersion }', /coreVersion/],
    ['{{ upstreamTag }}+core{{ coreVersion }}', /letters, digits/],
    ['{{ upstreamTag }} core{{ coreVersion }}', /letters, digits/],
    ['-{{ upstreamTag }}-core{{ coreVersion }}', /starts with none/],
    [
      `{{upstreamTag}}-{{coreVersion}}${'x'.repeat(126)}`,
      /over 128 characters/,
    ],
  ])('refuses %s', (format, fault) => {
    expect(tagFormatFault(format)).toMatch(fault);
  });
});

describe('floatingTagFault', () => {
  it.each([
    ['latest', undefined],
    ['{{ cycle }}{{ suffix }}-core', undefined],
    ['{{ digest }}', /unknown variable "digest"/],
    ['a b', /gives no tag/],
    ['{{ cycle', /gives no tag/],
    ['-core', /gives no tag/],
  ])('of %s: %s', (format, fault) => {
    const found = floatingTagFault(format);
    expect(found ?? '').toMatch(fault ?? /^$/);
  });
});
