import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IdleKernel, IdleNotice } from '../types';
import { noticeText } from './words';

/** What a person can do about a notice. */
export interface INoticeActions {
  /** Asks which, and shuts them down. */
  shutDown(kernels: readonly IdleKernel[]): void;
  notToday(): void;
}

/**
 * Shows the notice as a notification of JupyterLab: each once.
 *
 * Who has put it away is not shown it again, even though the server renews it
 * with each of its looks.
 */
export class Notices {
  constructor(
    private readonly _actions: INoticeActions,
    private readonly _trans: TranslationBundle
  ) {}

  /** @param mayAct whether this user may do anything about it. */
  show(notice: IdleNotice | null, mayAct: boolean): void {
    if (notice === null || notice.id !== this._notice?.id) {
      this.putAway();
    }
    this._notice = notice;
    if (notice === null) {
      this._key = '';
      return;
    }
    const offered = this._offered;
    // An update brings a closed notification back: minutes are not worth it.
    const key = `${notice.id} ${notice.kernels.map(({ id }) => id).join()} ${
      offered.length > 0
    }`;
    if (key === this._key) {
      return;
    }
    const isNew = !this._key.startsWith(`${notice.id} `);
    this._key = key;
    if (isNew) {
      // One that went because all kernels were at work, and is back, is in the
      // list of notifications only: it was said once.
      this._isQuiet = notice.id === this._said;
      this._said = notice.id;
    }
    const message = noticeText(notice, this._trans);
    const options = {
      autoClose: this._isQuiet ? 0 : (false as const),
      actions: mayAct ? this._buttons(offered.length) : []
    };
    if (isNew) {
      this._shown = Notification.warning(message, options);
    } else if (this._shown !== null && Notification.manager.has(this._shown)) {
      Notification.update({ id: this._shown, message, ...options });
    }
  }

  /** It is done with. */
  putAway(): void {
    if (this._shown !== null) {
      Notification.dismiss(this._shown);
      this._shown = null;
    }
  }

  /** Those that may be shut down, as the server said last. */
  private get _offered(): readonly IdleKernel[] {
    return (this._notice?.kernels ?? []).filter(
      ({ may_shut_down }) => may_shut_down
    );
  }

  private _buttons(offered: number): Notification.IAction[] {
    const { _trans } = this;
    const shutDown: Notification.IAction = {
      label: _trans._n('Shut down kernel…', 'Shut down kernels…', offered),
      caption: _trans.__('Asks first; never a kernel that works'),
      displayType: 'warn',
      callback: event => {
        // It stays until it is known whether a kernel was shut down.
        event.preventDefault();
        this._actions.shutDown(this._offered);
      }
    };
    return [
      ...(offered > 0 ? [shutDown] : []),
      {
        label: _trans.__('Not today'),
        caption: _trans.__('Say nothing more of it until midnight'),
        callback: () => this._actions.notToday()
      }
    ];
  }

  private _isQuiet = false;
  private _key = '';
  private _notice: IdleNotice | null = null;
  private _said: string | null = null;
  private _shown: string | null = null;
}
