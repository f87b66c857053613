import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LeftBehind, RefusedTensor } from '../../api/types';
import type { DraftsModel } from '../../model/drafts';
import { Button } from '../button';
import { Folded, Lines } from '../lists';
import { formatCount } from '../sizes';

/** What cannot be moved, why, and what can be done instead. */
export function Refused(props: {
  drafts: DraftsModel;
  refused: readonly RefusedTensor[];
  /** Paths that can be left out of the request. */
  targets: readonly string[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { drafts, refused, targets, trans } = props;
  const canBeLeftOut = (name: string): boolean =>
    targets.length > 1 && targets.includes(name);
  return (
    <section className="jp-dlkit-Part">
      <h4>{trans.__('Cannot be moved')}</h4>
      <Lines
        of={byReason(refused, canBeLeftOut)}
        trans={trans}
        line={([one, ...others]) => (
          <>
            <code>{one.name}</code>
            <p className="jp-dlkit-Change-text">
              {one.message} {one.hint}
            </p>
            {others.length > 0 && (
              <Folded
                summary={trans._n(
                  '%2 other for the same reason',
                  '%2 others for the same reason',
                  others.length,
                  formatCount(others.length)
                )}
              >
                <Lines
                  of={others}
                  line={({ name }) => <code>{name}</code>}
                  trans={trans}
                />
              </Folded>
            )}
            <div className="jp-dlkit-Buttons">
              {one.alternatives.map((alternative, i) => (
                <Button
                  key={i}
                  title={alternative.code ?? undefined}
                  onClick={() => void drafts.instead(one.name, alternative)}
                >
                  {alternative.message}
                </Button>
              ))}
              {canBeLeftOut(one.name) && (
                <Button onClick={() => void drafts.leaveOut(one.name)}>
                  {trans.__('Leave it out')}
                </Button>
              )}
            </div>
          </>
        )}
      />
      {refused.every(({ forcible }) => forcible) && (
        <>
          <p className="jp-dlkit-Change-text">
            {trans.__(
              'It can be moved nevertheless: a backward() that is still to come may then fail, or leave gradients on the old device.'
            )}
          </p>
          <Button onClick={() => void drafts.force()}>
            {trans.__('Move nevertheless…')}
          </Button>
        </>
      )}
    </section>
  );
}

/**
 * Those together of which the same is said, but for the name, and that offer
 * nothing of their own: of a network all parameters are often refused alike.
 */
export function byReason(
  refused: readonly RefusedTensor[],
  isOnItsOwn: (name: string) => boolean
): RefusedTensor[][] {
  const reasons = new Map<string, RefusedTensor[]>();
  for (const one of refused) {
    const { name, code, message, hint, alternatives } = one;
    // As a name of its own: a `d` is also within other words.
    const escaped = name.replace(/[^\w]/g, '\\$&');
    const itself = new RegExp(`(?<![\\w.])${escaped}(?![\\w])`);
    const said = [message, hint].map(text => text.split(itself));
    const key = JSON.stringify(
      alternatives.length > 0 || isOnItsOwn(name) ? name : [code, said]
    );
    reasons.set(key, [...(reasons.get(key) ?? []), one]);
  }
  return Array.from(reasons.values());
}

/** What stays where it is, why, and a button that takes it along. */
export function StaysBehind(props: {
  drafts: DraftsModel;
  left: readonly LeftBehind[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { drafts, left, trans } = props;
  return (
    <section className="jp-dlkit-Part">
      <h4>{trans.__('Stays behind')}</h4>
      <Lines
        of={left}
        trans={trans}
        line={({ name, why, path }) => (
          <div className="jp-dlkit-Left">
            <span>
              <code>{name}</code> {why}
            </span>
            {path !== null && (
              <button
                type="button"
                className="jp-dlkit-Link"
                aria-label={trans.__('Move %1 too', name)}
                onClick={() => void drafts.include(path)}
              >
                {trans.__('Move too')}
              </button>
            )}
          </div>
        )}
      />
    </section>
  );
}
