import { DEFAULT_TEMPLATE, renderTemplate } from './renderTemplate';

const digest = `sha256:${'a'.repeat(64)}`;
const variables = {
  mirror: { reference: `reg.test/mirrors/alpine:3.21.3@${digest}`, digest },
  upstreamVersion: '3.21.3',
  coreVersion: '1.0.0',
  platforms: ['linux/amd64', 'linux/arm64'],
  args: { EXTRA: 'tzdata' },
  created: '2026-01-01T00:00:00.000Z',
  revision: '',
};

describe('renderTemplate', () => {
  it('knows every variable, and pins FROM', () => {
    const text = `FROM {{ mirror.reference }}
{% for platform in platforms %}# {{ platform }}
{% endfor %}LABEL v="{{ upstreamVersion }}/{{ coreVersion }}" d={{ mirror.digest }} e={{ args.EXTRA | upcase }} c={{ created }} r="{{ revision }}"`;
    expect(renderTemplate({ name: 'Dockerfile.tmpl', text }, variables))
      .toBe(`FROM reg.test/mirrors/alpine:3.21.3@${digest}
# linux/amd64
# linux/arm64
LABEL v="3.21.3/1.0.0" d=${digest} e=TZDATA c=2026-01-01T00:00:00.000Z r=""`);
    expect(
      renderTemplate({ name: 'none', text: DEFAULT_TEMPLATE }, variables),
    ).toBe(`FROM reg.test/mirrors/alpine:3.21.3@${digest}\n`);
  });

  it.each([
    ['FROM x\nLABEL a={{ nope }}', 2, /there is no variable "nope"; known are/],
    ['{{ args.NOPE }}', 1, /there is no variable "args.NOPE"/],
    ['{{ mirror.tag }}', 1, /there is no variable "mirror.tag"/],
    ['\n\n{{ created | nope }}', 3, /undefined filter: nope/],
    ['FROM x\n{% include "/etc/passwd" %}', 2, /"\/etc\/passwd"/],
    ['FROM {{ mirror', 1, /not closed/],
  ])('refuses %j', (text, line, cause) => {
    const render = () =>
      renderTemplate(
        { name: 'images/alpine/Dockerfile.tmpl', text },
        variables,
      );
    expect(render).toThrow(
      `Template images/alpine/Dockerfile.tmpl, line ${line}: `,
    );
    expect(render).toThrow(cause);
  });
});
