import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { LiveModel } from '../model/live';
import { useNow, useSignals } from './signals';
import { formatAge } from './sizes';
import { notice } from './states';

interface IProps {
  live: LiveModel;
  trans: TranslationBundle;
}

/** Which kernel is shown, what it does, how old the data is, and what is wrong. */
export function Header({ live, trans }: IProps): React.JSX.Element {
  useSignals(live.changed, live.settings.changed);
  const now = useNow();
  const { current } = live;
  const said = notice(live, trans, now);
  return (
    <div className="jp-dlkit-Header">
      {current !== null && (
        <div className="jp-dlkit-Header-line">
          <span
            className="jp-dlkit-Header-title"
            title={`${current.title}\n${current.kernel}`}
          >
            {current.title}
          </span>
          <span
            className="jp-dlkit-Header-state"
            data-state={current.state}
            title={trans.__('What the kernel is doing')}
          >
            {stateText(current.state, trans)}
          </span>
          {live.lookedAt > 0 && (
            <span
              className="jp-dlkit-Header-age"
              title={trans.__('When the kernel last told what it has')}
            >
              {trans.__('%1 ago', formatAge(now - live.lookedAt))}
            </span>
          )}
          <button
            type="button"
            className="jp-dlkit-Tool"
            title={trans.__('Look again now')}
            aria-label={trans.__('Look again now')}
            onClick={() => live.refresh()}
          >
            <refreshIcon.react tag="span" width="14px" height="14px" />
          </button>
        </div>
      )}
      <div role="status">
        {said !== null && (
          <p className="jp-dlkit-Notice" data-tone={said.tone}>
            {said.text}
            {said.hint !== null && (
              <span className="jp-dlkit-Notice-hint">{said.hint}</span>
            )}
          </p>
        )}
      </div>
    </div>
  );
}

function stateText(state: string, trans: TranslationBundle): string {
  switch (state) {
    case 'idle':
      return trans.__('idle');
    case 'busy':
      return trans.__('busy');
    case 'starting':
      return trans.__('starting');
    case 'restarting':
    case 'autorestarting':
      return trans.__('restarting');
    case 'dead':
      return trans.__('dead');
    default:
      return trans.__('connecting');
  }
}
