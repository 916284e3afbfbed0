import { parseDockerfile } from './dockerfile';
import { instructionFaults } from './instructionFaults';

describe('instructionFaults', () => {
  it('has none for all that needs no process', () => {
    const text = `ARG A=1
FROM --platform=$TARGETPLATFORM x AS y
FROM y
ARG A
ENV a=b
LABEL c=d
MAINTAINER me
COPY --chown=1 --chmod=u+x --link --from=y a b
COPY --parents --exclude=*.md --exclude=b a /b/
ADD --unpack=false --exclude=c a /b/
COPY <<EOF /c
EOF
ADD https.tar /
USER 1
WORKDIR /x
SHELL ["/bin/x"]
ENTRYPOINT ["x"]
CMD y
EXPOSE 80
VOLUME /v
STOPSIGNAL 9
HEALTHCHECK --interval=1s CMD x
ONBUILD RUN x`;
    expect(instructionFaults(parseDockerfile(text))).toEqual([]);
  });

  it.each([
    ['FROM x\nRUN apk add y', /^RUN in line 2 .*buildah, docker and buildkit/],
    ['FROM x\nRUN <<EOF\nFROM y\nEOF', /^RUN in line 2 /],
    ['FROM x\nADD http://y /', /^ADD in line 2 .*fetches http:\/\/y/],
    ['FROM x\nADD ["a", "git@y:z.git", "/"]', /^ADD in line 2 .*git@y/],
    ['FROM x\nADD --keep-git-dir=1 a /', /^ADD in line 2 .*--keep-git-dir/],
    ['FROM x\nCOPY --unpack=1 a /', /^COPY in line 2 .*--unpack.*buildah/],
    ['FROM x\nCOPY --chown=1 --chown=2 a /', /^COPY in line 2 .*--chown twice/],
    ['FROM x\nCMD --y', /^CMD in line 2 .*--y/],
    ['FROM x\nONBUILD FROM y', /^ONBUILD in line 2 .*trigger FROM/],
    ['FROM x\nONBUILD COPY <<E /a\nE', /^ONBUILD in line 2 .*here-document/],
    ['FROM x AS a\nRUN b\nFROM y', /^RUN in line 2 /],
    ['ARG A', /no FROM/],
    ['ENV a=b\nFROM x', /^ENV in line 1 .*before FROM/],
    ['FROM x\nNONSENSE', /^NONSENSE in line 2 .* is no instruction$/],
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
