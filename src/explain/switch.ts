import type { LiveModel } from '../model/live';
import type { IExplanationClient } from './client';

/**
 * Carries the user's setting into the current kernel: whether it writes below
 * the traceback.  A kernel does, until it is told otherwise.
 */
export class TextSwitch {
  constructor(
    private readonly _client: Pick<IExplanationClient, 'writeText'>,
    private readonly _live: Pick<LiveModel, 'current' | 'kernel' | 'changed'>
  ) {
    _live.changed.connect(this._look, this);
  }

  /** Whether kernels shall write; null until it is known what the user set. */
  set isWanted(isWanted: boolean | null) {
    this._isWanted = isWanted;
    this._look();
  }

  private _look(): void {
    const { current, kernel } = this._live;
    if (current === null || this._isWanted === null) {
      return;
    }
    if (kernel?.id !== current.id || kernel.agent !== 'attached') {
      // Whoever comes next has not been told.
      this._told.delete(current.id);
      return;
    }
    const isWanted = this._isWanted;
    // Once one was told not to write, no other is taken at its first word.
    const known =
      this._told.get(current.id) ?? (this._hasToldNot ? null : true);
    if (known !== isWanted) {
      this._told.set(current.id, isWanted);
      this._hasToldNot ||= !isWanted;
      this._client.writeText(current.id, isWanted).catch(reason => {
        console.warn('DL Kit could not switch the text of errors:', reason);
      });
    }
  }

  private _hasToldNot = false;
  private _isWanted: boolean | null = null;
  private _told = new Map<string, boolean>();
}
