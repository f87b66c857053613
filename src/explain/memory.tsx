import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { kindOf, ownerText } from '../memory/kinds';
import { ReleaseButton } from '../memory/release';
import type { ReleasesModel } from '../memory/releases';
import { deviceName, releaseLabel } from '../memory/words';
import { Dismiss } from '../panel/moves/card';
import { useSignals } from '../panel/signals';
import { formatBytes } from '../panel/sizes';
import type { MemoryOwner } from '../api/types';
import { releasableNow } from './model';
import type { IOutOfMemory } from './model';
import { figuresText, outOfMemoryTitle } from './words';

/** A cell ran out of memory: who has it, and what can be given back at once. */
export function OutOfMemoryCard(props: {
  explained: IOutOfMemory;
  releases: ReleasesModel | null;
  onMemory: () => void;
  onDismiss: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { explained, releases, trans } = props;
  const { error } = explained;
  const { execution_count, owners } = error;
  const titleId = React.useId();
  const device = deviceName(error.device, trans);
  return (
    <section
      className="jp-dlkit-Change-line jp-dlkit-Explanation"
      role="group"
      aria-labelledby={titleId}
    >
      <div className="jp-dlkit-Change-head">
        <h3 id={titleId} className="jp-dlkit-Explanation-title">
          {outOfMemoryTitle(error, trans)}
        </h3>
        <Dismiss label={trans.__('Dismiss')} onClick={props.onDismiss} />
      </div>
      {execution_count !== null && (
        <p className="jp-dlkit-Explanation-place">
          {trans.__('Cell [%1]', execution_count)}
        </p>
      )}
      <p>{figuresText(error, trans)}</p>
      {owners.length > 0 && (
        <>
          <p className="jp-dlkit-Change-text">
            {trans.__('The most on %1 was held by:', device)}
          </p>
          <ul className="jp-dlkit-Largest">
            {owners.map((owner, i) => (
              <Holder key={i} {...owner} trans={trans} />
            ))}
          </ul>
        </>
      )}
      {releases !== null && (
        <Releasable explained={explained} releases={releases} trans={trans} />
      )}
      <button
        type="button"
        className="jp-dlkit-Link jp-dlkit-More"
        onClick={props.onMemory}
      >
        {trans.__('Who has the memory now')}
      </button>
    </section>
  );
}

/** What can be given back still. */
function Releasable(props: {
  explained: IOutOfMemory;
  releases: ReleasesModel;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { explained, releases, trans } = props;
  useSignals(releases.changed);
  React.useEffect(() => {
    // What was said of an earlier exception is not of this one.
    explained.error.releasable.forEach(({ what }) => releases.forget(what));
  }, [explained, releases]);
  if (explained.error.releasable.length === 0) {
    return (
      <p>
        {trans.__(
          'Nothing can be released without a variable of yours: make the batch smaller, or delete what you no longer need.'
        )}
      </p>
    );
  }
  const now = releasableNow(explained, (what, since) =>
    releases.isDoneSince(what, since)
  );
  return now.length === 0 ? null : (
    <ul
      className="jp-dlkit-Explanation-mends"
      aria-label={trans.__('What can be released now')}
    >
      {now.map(({ what, bytes, is_exact }, i) => (
        <li key={what}>
          <ReleaseButton
            releases={releases}
            what={what}
            isMain={i === 0}
            label={amountText(what, bytes, is_exact, trans)}
            trans={trans}
          />
        </li>
      ))}
    </ul>
  );
}

function amountText(
  what: string,
  bytes: number,
  isExact: boolean,
  trans: TranslationBundle
): string {
  const label = releaseLabel(what, trans);
  return isExact
    ? trans.__('%1 (%2)', label, formatBytes(bytes))
    : trans.__('%1 (at most %2)', label, formatBytes(bytes));
}

function Holder(props: {
  owner: string;
  name: string;
  bytes: number;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { name, bytes, trans } = props;
  const owner = props.owner as MemoryOwner['owner'];
  return (
    <li>
      <span
        className="jp-dlkit-Swatch"
        data-kind={kindOf(owner)}
        aria-hidden="true"
      />
      <code title={name}>{name}</code>
      <span className="jp-dlkit-Largest-what">{ownerText(owner, trans)}</span>
      <span className="jp-dlkit-Largest-bytes">{formatBytes(bytes)}</span>
    </li>
  );
}
