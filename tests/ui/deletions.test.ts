import type { TranslationBundle } from '@jupyterlab/translation';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { DeletionsModel } from '../../src/model/deletions';
import { TensorsModel } from '../../src/model/tensors';
import { deletedSentence } from '../../src/panel/moves/words';
import { Changes, deletion, settled } from './changes';
import { list, row } from './lists';

const trans = {
  __: (text: string, ...parts: string[]) =>
    text.replace(/%(\d)/g, (_, n: string) => parts[Number(n) - 1])
} as unknown as TranslationBundle;

let server: Changes;
let deletions: DeletionsModel;

beforeEach(() => {
  server = new Changes();
  const tensors = new TensorsModel();
  tensors.apply(
    list([
      row({ name: 'x', id: '1', aliases: ['also'] }),
      row({ name: 'y', id: '2' })
    ])
  );
  deletions = new DeletionsModel(server, tensors, () => 'k1');
  deletions.ask(['1', '2', 'gone']);
});

const said = (): string => deletedSentence(deletions.sent, trans);

describe('a deletion', () => {
  it('is asked about first, with all names', () => {
    expect(deletions.asked.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(deletions.asked[0].aliases).toEqual(['also']);
    deletions.leave();
    expect(deletions.asked).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  it('goes on with the next one, and says what became of each', async () => {
    void deletions.confirm();
    expect(server.last.id).toBe('1 x');
    await server.last.answer(deletion({ deleted: ['x', 'also'] }));
    expect(server.last.id).toBe('2 y');
    await server.last.refuse(new ApiError(409, 'stale', 'Another.', ''));
    expect(said()).toBe('Deleted x and also.');
    expect(deletions.sent[1].error?.code).toBe('stale');
  });

  it('that is queued is cancelled', async () => {
    deletions.ask(['1']);
    void deletions.confirm();
    await server.last.answer(deletion({ state: 'queued', deleted: [] }));
    expect(said()).toBe('Queued behind the running cell: deleting x.');
    void deletions.cancel();
    await server.last.answer(deletion({ state: 'cancelled', deleted: [] }));
    expect(said()).toBe('Cancelled before it began: x is still there.');
  });

  it('is followed by the stream, and never goes back', async () => {
    deletions.ask(['1']);
    void deletions.confirm();
    deletions.apply('k1', deletion());
    await server.last.answer(deletion({ state: 'queued' }));
    expect(said()).toBe('Deleted x.');
  });

  it('that has ended is no news when it is told again', async () => {
    let times = 0;
    deletions.settled.connect(() => times++);
    deletions.ask(['1']);
    void deletions.confirm();
    await server.last.answer(deletion({ state: 'queued', deleted: [] }));
    await settled();
    times = 0;
    deletions.apply('k1', deletion());
    deletions.apply('k1', deletion());
    expect(times).toBe(1);
  });

  it('that was queued fails in words when the kernel restarts', async () => {
    void deletions.confirm();
    await server.last.answer(deletion());
    await server.last.answer(
      deletion({ id: 'd2', name: 'y', state: 'queued' })
    );
    await settled();
    deletions.restarted();
    expect(said()).toBe('y was not deleted.');
    expect(deletions.sent[0].error?.code).toBe('kernel_restarted');
  });
});
