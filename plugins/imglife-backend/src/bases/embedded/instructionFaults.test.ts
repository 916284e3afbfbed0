import { parseDockerfile } from './dockerfile';
import { instructionFaults } from './instructionFaults';

describe('instructionFaults', () => {
  it('has none for all that needs no process', () => {
    const text = `ARG A=1
FROM x AS y
ARG A
ENV a=b
LABEL c=d
COPY --chown=1 --chmod=644 a b
USER 1
WORKDIR /x
ENTRYPOINT ["x"]
CMD y
EXPOSE 80`;
    expect(instructionFaults(parseDockerfile(text))).toEqual([]);
  });

  it.each([
    ['FROM x\nRUN apk add y', /^RUN in line 2 .*buildah, docker and buildkit/],
    ['FROM x\nADD http://y /', /^ADD in line 2 /],
    ['FROM x\nHEALTHCHECK NONE', /^HEALTHCHECK in line 2 /],
    ['FROM x\nCOPY --from=y a b', /^COPY in line 2 .*--from.*buildah/],
    ['FROM --platform=$P x', /^FROM in line 1 .*--platform/],
    ['FROM x\nCOPY <<EOF /a\nhi\nEOF', /^COPY in line 2 .*here-document/],
    ['FROM x AS a\nFROM y', /^FROM in line 2 .*second stage/],
    ['ARG A', /no FROM/],
    ['ENV a=b\nFROM x', /^ENV in line 1 .*before FROM/],
    ['FROM x\nNONSENSE', /^NONSENSE in line 2 /],
  ])('refuses %j', (text, fault) => {
    const faults = instructionFaults(parseDockerfile(text));
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  it('names every fault at once', () => {
    const text = 'FROM x\nRUN a\nCOPY a b\nRUN b';
    expect(instructionFaults(parseDockerfile(text))).toEqual([
      expect.stringMatching(/^RUN in line 2/),
      expect.stringMatching(/^RUN in line 4/),
    ]);
  });
});
