import type { TranslationBundle } from '@jupyterlab/translation';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type { RefusedTensor } from '../../src/api/types';
import { MovesModel } from '../../src/model/moves';
import { Settings } from '../../src/model/settings';
import { TensorsModel } from '../../src/model/tensors';
import { endSentence, errorSentence } from '../../src/panel/moves/words';
import { Changes, move, moved, undone } from './changes';
import { group, list, row } from './lists';

const trans = {
  __: (text: string, ...parts: string[]) =>
    text.replace(/%(\d)/g, (_, n: string) => parts[Number(n) - 1])
} as unknown as TranslationBundle;

let server: Changes;
let tensors: TensorsModel;
let settings: Settings;
let moves: MovesModel;
let kernelId: string | null;
let settledTimes: number;

beforeEach(() => {
  server = new Changes();
  settings = new Settings();
  tensors = new TensorsModel();
  tensors.apply(
    list(
      [
        row({ name: 'x', id: '1' }),
        row({ name: 'y', id: '2' }),
        row({ name: 'net.w', id: '3', group: 'net' })
      ],
      { groups: [group('net')] }
    )
  );
  kernelId = 'k1';
  moves = new MovesModel(server, tensors, settings, () => kernelId);
  settledTimes = 0;
  moves.settled.connect(() => {
    settledTimes++;
  });
});

const X = { id: '1', path: 'x' };

/** A move of `x` whose preview has come and was agreed to. */
async function begin(): Promise<void> {
  void moves.drafts.propose([X], 'cuda:0');
  await server.last.answer(move());
  void moves.confirm();
}

/** A move of `x` that is done. */
async function finish(): Promise<void> {
  await begin();
  await server.last.answer(move({ state: 'done', seconds: 0.01 }));
}

function said(): string {
  const { move: known, targets, error } = moves.moved!;
  return error === null
    ? endSentence(known!, targets, trans).text
    : errorSentence(error, trans).text;
}

describe('a move', () => {
  it('is shown first, then queued, running, done, and undone', async () => {
    void moves.drafts.propose([X], 'cuda:0');
    expect(server.last.request).toMatchObject({
      targets: [X],
      device: 'cuda:0',
      dry_run: true,
      force: false,
      how: 'move'
    });
    expect(moves.drafts.current).toMatchObject({
      isAsking: true,
      preview: null
    });
    await server.last.answer(move());
    expect(moves.drafts.current).toMatchObject({
      isAsking: false,
      error: null
    });
    expect(moves.moving).toEqual([]);

    void moves.confirm();
    expect(server.last.request?.dry_run).toBe(false);
    expect(moves.drafts.current).toBeNull();
    await server.last.answer(move({ state: 'queued' }));
    expect(moves.moving[0].move?.state).toBe('queued');
    moves.apply('k1', move({ state: 'running' }));
    expect(moves.moving[0].move?.state).toBe('running');
    expect(settledTimes).toBe(0);
    moves.apply('k1', move({ state: 'done', seconds: 0.01 }));
    expect(moves.moving).toEqual([]);
    expect(said()).toBe('Moved x: 24 B, cpu → cuda:0 in 10 ms');
    expect(settledTimes).toBe(1);

    void moves.undo();
    expect(server.last).toMatchObject({ what: 'undo', id: 'm1' });
    expect(moves.moving[0].targets).toEqual(['x']);
    await server.last.answer(undone());
    expect(said()).toBe('Put x back on cpu.');
    expect(moves.moved?.move?.can_undo).toBe(false);
    expect(settledTimes).toBe(2);
  });

  it('takes what the stream tells before the answer, once', async () => {
    await begin();
    moves.apply('k1', move({ state: 'queued' }));
    moves.apply('k1', move({ state: 'running' }));
    expect(moves.moving).toHaveLength(1);
    moves.apply('k1', move({ state: 'done' }));
    await server.last.answer(move({ state: 'done' }));
    expect(moves.moving).toEqual([]);
    expect(moves.moved?.move?.state).toBe('done');
    expect(settledTimes).toBe(1);
  });

  it('never goes back from running to queued', async () => {
    await begin();
    moves.apply('k1', move({ state: 'queued' }));
    moves.apply('k1', move({ state: 'running' }));
    await server.last.answer(move({ state: 'queued' }));
    expect(moves.moving[0].move?.state).toBe('running');
  });

  it('that failed says why, and what to do', async () => {
    await begin();
    const message = 'cuda:0 has 3 MiB free; x takes 4 MiB.';
    await server.last.answer(
      move({ state: 'failed', message, hint: 'Free something.' })
    );
    expect(said()).toBe(message);
    expect(endSentence(moves.moved!.move!, ['x'], trans).hint).toBe(
      'Free something.'
    );
    expect(moves.moved?.move?.can_undo).toBe(false);
  });

  it('that the server refuses leaves the draft, with the reason', async () => {
    await begin();
    await server.last.refuse(
      new ApiError(409, 'stale', 'x is another tensor now.', 'Look again.')
    );
    expect(moves.moving).toEqual([]);
    expect(moves.drafts.current).toMatchObject({ error: { code: 'stale' } });
    expect(moves.drafts.current?.preview).not.toBeNull();
  });

  it('asks anew about the object that has the name by now', async () => {
    await begin();
    await server.last.refuse(new ApiError(409, 'stale', 'Another.', ''));
    tensors.apply(list([row({ name: 'x', id: '77' })]));
    void moves.drafts.again();
    expect(server.last.request?.targets).toEqual([{ id: '77', path: 'x' }]);
  });

  it('is cancelled while it is queued', async () => {
    await begin();
    await server.last.answer(move({ state: 'queued' }));
    void moves.cancel(moves.moving[0]);
    expect(moves.moving[0].isCancelling).toBe(true);
    expect(server.last).toMatchObject({ what: 'cancel', id: 'm1' });
    await server.last.answer(move({ state: 'cancelled' }));
    expect(said()).toBe('Cancelled before it began: x did not move.');
  });

  it('that has begun says that it cannot be cancelled', async () => {
    await begin();
    await server.last.answer(move({ state: 'queued' }));
    void moves.cancel(moves.moving[0]);
    moves.apply('k1', move({ state: 'running' }));
    await server.last.refuse(new ApiError(409, 'has_started', 'Begun.', ''));
    expect(moves.moving[0]).toMatchObject({
      isCancelling: false,
      error: { code: 'has_started' },
      move: { state: 'running' }
    });
  });

  it('belongs to its kernel', async () => {
    await finish();
    kernelId = 'k2';
    expect(moves.moved).toBeNull();
    kernelId = 'k1';
    expect(moves.moved).not.toBeNull();
  });

  it('that ended while nobody listened is asked for', async () => {
    await begin();
    await server.last.answer(move({ state: 'queued' }));
    void moves.look();
    expect(server.last).toMatchObject({ what: 'change', id: 'm1' });
    await server.last.refuse(new ApiError(504, 'busy', 'Busy.', ''));
    expect(moves.moving).toHaveLength(1);
    void moves.look();
    await server.last.answer(move({ state: 'done' }));
    expect(moves.moved?.move?.state).toBe('done');
  });

  it('of which nobody knows any more has failed', async () => {
    await begin();
    await server.last.answer(move({ state: 'queued' }));
    void moves.look();
    await server.last.refuse(new ApiError(404, 'no_move', 'Forgotten.', ''));
    expect(moves.moving).toEqual([]);
    expect(said()).toBe('Forgotten.');
  });

  it('fails in words when the kernel restarts', async () => {
    await begin();
    await server.last.answer(move({ state: 'queued' }));
    moves.restarted();
    expect(said()).toMatch(/^The kernel restarted/);
    expect(moves.moving).toEqual([]);
  });
});

describe('an undoing', () => {
  beforeEach(finish);

  it('is not ended by what was told before it began', async () => {
    void moves.undo();
    moves.apply('k1', move({ state: 'done' }));
    expect(moves.moving).toHaveLength(1);
    await server.last.answer(undone());
    expect(moves.moved?.move?.state).toBe('undone');
  });

  it('that is cancelled leaves the move, which can still be undone', async () => {
    void moves.undo();
    await server.last.answer(move({ state: 'queued' }));
    void moves.cancel(moves.moving[0]);
    await server.last.answer(move({ state: 'done', can_undo: true }));
    expect(moves.moving).toEqual([]);
    expect(moves.moved?.move?.can_undo).toBe(true);
    expect(said()).toBe('Undoing was cancelled before it began.');
  });

  it('that failed says why, and the move stands', async () => {
    void moves.undo();
    await server.last.answer(
      move({ state: 'failed', message: 'No room on cpu.', can_undo: true })
    );
    expect(moves.moved?.move).toMatchObject({ state: 'done', can_undo: true });
    expect(said()).toBe('No room on cpu.');
  });

  it('that failed is told by the stream too, and the move stands', async () => {
    const failed = move({
      state: 'failed',
      message: 'No room.',
      can_undo: true
    });
    void moves.undo();
    await server.last.answer(failed);
    moves.apply('k1', failed);
    expect(moves.moved?.move).toMatchObject({ state: 'done', can_undo: true });
    expect(said()).toBe('No room.');
    expect(settledTimes).toBe(2);
  });

  it('is not offered while the next move is under way', async () => {
    await begin();
    expect(moves.moved).toBeNull();
    await server.last.refuse(new ApiError(409, 'stale', 'Another.', ''));
    expect(moves.moved?.move).toMatchObject({ state: 'done', can_undo: true });
  });

  it('that is refused says why, and the move stands', async () => {
    void moves.undo();
    await server.last.refuse(new ApiError(409, 'cannot_undo', 'Late.', ''));
    expect(moves.moved?.move?.state).toBe('done');
    expect(said()).toBe('Late.');
  });

  it('is no longer offered when the server says so', () => {
    moves.apply('k1', move({ state: 'done', can_undo: false }));
    expect(moves.moved?.move?.can_undo).toBe(false);
    expect(settledTimes).toBe(1);
  });
});

describe('another page', () => {
  it('moves, and this one follows', () => {
    const other = { id: 'o', device: 'cpu' };
    moves.apply('k1', move({ ...other, state: 'queued' }));
    expect(moves.moving[0]).toMatchObject({ request: null, targets: ['x'] });
    moves.apply('k1', move({ ...other, state: 'done' }));
    expect(moves.moving).toEqual([]);
    expect(moves.moved?.targets).toEqual(['x']);
    expect(settledTimes).toBe(1);
  });

  it('is not taken for the own move that has no answer yet', async () => {
    await begin();
    moves.apply('k1', move({ id: 'o', device: 'cpu', state: 'running' }));
    expect(moves.moving.map(m => m.move?.id)).toEqual([undefined, 'o']);
    await server.last.answer(move({ state: 'queued' }));
    expect(moves.moving.map(m => m.move?.id)).toEqual(['m1', 'o']);
  });

  it('undoes the move of this one', async () => {
    await finish();
    moves.apply('k1', move({ state: 'queued' }));
    moves.apply('k1', undone());
    expect(said()).toBe('Put x back on cpu.');
    expect(settledTimes).toBe(2);
  });

  it('is of no interest when its move ended before', () => {
    moves.apply('k1', move({ id: 'o', state: 'done' }));
    expect(moves.moved).toBeNull();
  });
});

const REFUSED: RefusedTensor = {
  name: 'net.w',
  code: 'parameter_alone',
  message: 'It belongs to net.',
  hint: '',
  forcible: false,
  alternatives: [
    { how: 'move', path: 'net', message: 'Move net', code: 'net.to("cuda")' },
    { how: 'copy', path: 'net.w', message: 'Copy it', code: null }
  ]
};

describe('a refusal', () => {
  beforeEach(async () => {
    void moves.drafts.propose([X, { id: '3', path: 'net.w' }], 'cuda:0');
    await server.last.answer(move({ refused: [REFUSED] }));
  });

  it('offers another target in its place', () => {
    void moves.drafts.instead('net.w', REFUSED.alternatives[0]);
    expect(server.last.request).toMatchObject({
      targets: [X, 'net'],
      how: 'move',
      dry_run: true
    });
    expect(moves.drafts.current?.back).toBeNull();
  });

  it('offers a copy of this one alone, and the way back', async () => {
    void moves.drafts.instead('net.w', REFUSED.alternatives[1]);
    expect(server.last.request).toMatchObject({
      targets: ['net.w'],
      how: 'copy'
    });
    await server.last.answer(move({ how: 'copy' }));
    void moves.drafts.leave();
    expect(server.last.request).toMatchObject({
      targets: [X, { id: '3', path: 'net.w' }],
      how: 'move'
    });
  });

  it('leaves it out', () => {
    void moves.drafts.leaveOut('net.w');
    expect(server.last.request?.targets).toEqual([X]);
  });

  it('is overruled where that is possible', () => {
    void moves.drafts.force();
    expect(server.last.request).toMatchObject({ force: true, dry_run: true });
  });
});

describe('a preview', () => {
  it('takes along what would stay behind', async () => {
    void moves.drafts.propose([X], 'cuda:0');
    await server.last.answer(move());
    void moves.drafts.include('y');
    expect(server.last.request?.targets).toEqual([X, 'y']);
  });

  it('that comes after another was asked for is not shown', async () => {
    void moves.drafts.propose([X], 'cuda:0');
    const first = server.last;
    void moves.drafts.propose(['y'], 'cpu');
    await first.answer(move());
    expect(moves.drafts.current).toMatchObject({
      preview: null,
      isAsking: true
    });
    await server.last.answer(move({ device: 'cpu' }));
    expect(moves.drafts.current?.preview?.device).toBe('cpu');
  });

  it('that comes after it was left brings nothing back', async () => {
    void moves.drafts.propose([X], 'cuda:0');
    void moves.drafts.leave();
    await server.last.answer(move());
    expect(moves.drafts.current).toBeNull();
  });

  it('that has no answer says so, and can be asked for again', async () => {
    void moves.drafts.propose([X], 'cuda:0');
    await server.last.refuse(new ApiError(504, 'no_answer', '', ''));
    expect(moves.drafts.current).toMatchObject({ error: { status: 504 } });
    void moves.drafts.again();
    await server.last.answer(move());
    expect(moves.drafts.current).toMatchObject({ error: null });
  });

  it('is skipped for one plain tensor, when a person wants that', async () => {
    settings.values = { ...settings.values, previewEveryMove: false };
    void moves.drafts.propose([X], 'cuda:0');
    await server.last.answer(move());
    expect(server.last.request?.dry_run).toBe(false);
    await server.last.answer(move({ state: 'done' }));
    expect(moves.moved?.move?.state).toBe('done');
  });

  it.each([
    ['an alias', { moved: [moved({ aliases: ['a'] })] }],
    ['a view', { moved: [moved({ shares: ['v'] })] }],
    ['a warning', { warnings: ['A thread runs.'] }],
    ['too little room', { free: 8 }],
    ['a loss', { undo_loses: ['pinning'] }],
    ['nothing to move', { moved: [], already_there: ['x'] }]
  ])('is shown nevertheless for %s', async (_, part) => {
    settings.values = { ...settings.values, previewEveryMove: false };
    void moves.drafts.propose([X], 'cuda:0');
    await server.last.answer(move(part));
    expect(server.asked).toHaveLength(1);
    expect(moves.drafts.current?.preview).not.toBeNull();
  });
});
