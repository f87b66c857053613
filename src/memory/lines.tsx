import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LiveModel } from '../model/live';
import { useLostFocus } from '../panel/moves/focus';
import { useSignals } from '../panel/signals';
import { ReleaseLine } from './release';
import type { ReleasesModel } from './releases';
import { aloud } from './words';

/** Releases that are under way, and how the last one ended.  Mostly: nothing. */
export function ReleaseLines(props: {
  live: LiveModel;
  releases: ReleasesModel;
  /** What had the focus is gone: it goes back to where it was pressed. */
  onLostFocus: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { live, releases, onLostFocus, trans } = props;
  useSignals(releases.changed, live.changed);
  const whole = React.useRef<HTMLDivElement>(null);
  useLostFocus(whole, onLostFocus);
  const { sent } = releases;
  return (
    <div ref={whole}>
      <p className="jp-dlkit-Aloud" role="status">
        {aloud(sent, trans)}
      </p>
      {sent.map((one, i) => (
        <ReleaseLine
          key={i}
          releases={releases}
          releasing={one}
          trans={trans}
        />
      ))}
    </div>
  );
}
