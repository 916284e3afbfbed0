import { ReadBufferCollector } from './ReadBufferCollector';

const MIB = 1024 * 1024;

describe('ReadBufferCollector', () => {
  it('collects the young generation every 4 MiB', () => {
    const collect = jest.fn();
    const find = jest.fn(() => collect);
    const collector = ReadBufferCollector.create(find);
    for (let read = 0; read < 3; read += 1) {
      collector.read(MIB);
    }
    expect(find).not.toHaveBeenCalled();
    for (let read = 0; read < 6; read += 1) {
      collector.read(MIB);
    }
    expect(find).toHaveBeenCalledTimes(1);
    expect(collect.mock.calls).toEqual([
      [{ type: 'minor' }],
      [{ type: 'minor' }],
    ]);
  });

  it('does nothing where nothing collects', () => {
    const find = jest.fn(() => undefined);
    const collector = ReadBufferCollector.create(find);
    collector.read(40 * MIB);
    collector.read(40 * MIB);
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('finds the collector of V8 and leaves nothing behind', () => {
    ReadBufferCollector.shared().read(5 * MIB);
    expect(globalThis.gc).toBeUndefined();
  });
});
