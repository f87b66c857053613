import { Dialog, Notification, ReactWidget } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IdleKernel } from '../types';
import type { IIdleClient } from './client';
import { endIdle } from './ending';
import { heldText, kernelName } from './words';

/**
 * Asks which of these kernels to shut down, and shuts down those that are idle
 * still; says what was done, and why not.
 *
 * @returns whether a kernel was shut down.
 */
export async function shutDown(
  offered: readonly IdleKernel[],
  client: Pick<IIdleClient, 'kernels'>,
  kernels: Pick<Kernel.IManager, 'shutdown'>,
  trans: TranslationBundle
): Promise<boolean> {
  const wanted = await chosen(offered, trans);
  if (wanted.length === 0) {
    return false;
  }
  const { done, failures } = await endIdle(
    offered.filter(({ id }) => wanted.includes(id)),
    client,
    kernels,
    trans
  );
  if (done.length > 0) {
    Notification.success(
      trans.__('Shut down: %1.', done.map(kernelName).join(', ')),
      { autoClose: 5000 }
    );
  }
  if (failures.length > 0) {
    Notification.warning(failures.join('\n'), { autoClose: false });
  }
  return done.length > 0;
}

/** Ids of the kernels that the user names; none when the answer is no. */
async function chosen(
  offered: readonly IdleKernel[],
  trans: TranslationBundle
): Promise<readonly string[]> {
  const isOne = offered.length === 1;
  const dialog = new Dialog({
    title: isOne
      ? trans.__('Shut down the kernel of %1?', kernelName(offered[0]))
      : trans.__('Shut down which kernels?'),
    body: new Choice(offered, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({
        label: isOne
          ? trans.__('Shut Down Kernel')
          : trans.__('Shut Down Kernels')
      })
    ],
    // Enter must not shut down what nobody read.
    defaultButton: 0
  });
  const { button, value } = await dialog.launch();
  return button.accept ? (value ?? []) : [];
}

/** The kernels, each with a box; of a single one only what is lost. */
class Choice extends ReactWidget implements Dialog.IBodyWidget<string[]> {
  constructor(
    private readonly _offered: readonly IdleKernel[],
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-dlkit-ShutDown');
    if (_offered.length === 1) {
      this._chosen.add(_offered[0].id);
    }
  }

  getValue(): string[] {
    return Array.from(this._chosen);
  }

  protected render(): React.JSX.Element {
    const { _offered, _trans } = this;
    return (
      <>
        <p>
          {_trans.__(
            'Its variables are lost, and its memory is free for others. Notebooks and their outputs stay as they are; a kernel that works is never shut down.'
          )}
        </p>
        {_offered.length === 1 ? (
          <p>{heldText(_offered[0], _trans)}</p>
        ) : (
          _offered.map(kernel => (
            <label key={kernel.id}>
              <input
                type="checkbox"
                onChange={({ target }) =>
                  target.checked
                    ? this._chosen.add(kernel.id)
                    : this._chosen.delete(kernel.id)
                }
              />{' '}
              {heldText(kernel, _trans)}
            </label>
          ))
        )}
      </>
    );
  }

  private _chosen = new Set<string>();
}
