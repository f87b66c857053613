// The network's end of moves and deletions: what was asked for, and what is answered.
import type { IChanges } from '../../src/api/client';
import type {
  Deletion,
  Move,
  MovedTensor,
  MoveRequest
} from '../../src/api/types';

/** A request that waits for its answer. */
export interface IAsked {
  readonly what: 'move' | 'change' | 'cancel' | 'undo' | 'delete';
  readonly kernelId: string;
  /** The id of a move or deletion, or the name of a tensor. */
  readonly id: string;
  readonly request: MoveRequest | null;
  answer(document: Move | Deletion): Promise<void>;
  refuse(reason: Error): Promise<void>;
}

export class Changes implements IChanges {
  asked: IAsked[] = [];

  get last(): IAsked {
    return this.asked[this.asked.length - 1];
  }

  move(kernelId: string, request: MoveRequest): Promise<Move> {
    return this._ask<Move>('move', kernelId, '', request);
  }

  change(kernelId: string, id: string): Promise<Move | Deletion> {
    return this._ask('change', kernelId, id);
  }

  cancel(kernelId: string, id: string): Promise<Move | Deletion> {
    return this._ask('cancel', kernelId, id);
  }

  undo(kernelId: string, id: string): Promise<Move> {
    return this._ask<Move>('undo', kernelId, id);
  }

  deleteTensor(kernelId: string, id: string, path: string): Promise<Deletion> {
    return this._ask<Deletion>('delete', kernelId, `${id} ${path}`);
  }

  private _ask<T extends Move | Deletion>(
    what: IAsked['what'],
    kernelId: string,
    id: string,
    request: MoveRequest | null = null
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.asked.push({
        what,
        kernelId,
        id,
        request,
        answer: async document => {
          resolve(document as T);
          await settled();
        },
        refuse: async reason => {
          reject(reason);
          await settled();
        }
      });
    });
  }
}

/** When everything that waits for an answer has taken it. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

/** A move of `x` from the CPU to the GPU. */
export function move(part: Partial<Move> = {}): Move {
  return {
    id: 'm1',
    state: 'preview',
    message: null,
    hint: null,
    device: 'cuda:0',
    how: 'move',
    moved: [moved()],
    already_there: [],
    refused: [],
    left_behind: [],
    warnings: [],
    undo_loses: [],
    can_undo: part.state === 'done',
    total_bytes: 24,
    free: 1024,
    fit: null,
    bytes: {},
    still_held_by: [],
    progress: null,
    seconds: null,
    code: 'x = x.to("cuda:0")',
    kernel_state: 'idle',
    ...(part.state === undefined ? { id: null } : {}),
    ...part
  };
}

/** The same, put back. */
export function undone(): Move {
  return move({
    state: 'undone',
    moved: [moved({ from: 'cuda:0', to: 'cpu' })]
  });
}

export function moved(part: Partial<MovedTensor> = {}): MovedTensor {
  return {
    name: 'x',
    tensor_id: '1',
    from: 'cpu',
    to: 'cuda:0',
    bytes: 24,
    storage_bytes: 24,
    aliases: [],
    owner: 'variable',
    shares: [],
    ...part
  };
}

export function deletion(part: Partial<Deletion> = {}): Deletion {
  return {
    id: 'd1',
    state: 'done',
    message: 'Deleted.',
    hint: null,
    name: 'x',
    deleted: ['x'],
    kept: [],
    still_held_by: [],
    bytes: {},
    kernel_state: 'idle',
    ...part
  };
}
