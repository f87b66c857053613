import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ApiError } from '../api/errors';
import { Button } from '../panel/button';
import { Folded, Lines, Trouble } from '../panel/lists';
import { Dismiss } from '../panel/moves/card';
import { errorSentence, several } from '../panel/moves/words';
import { formatCount } from '../panel/sizes';
import { isOpen } from './releases';
import type { IReleasing, ReleasesModel } from './releases';
import {
  NAMED,
  deviceName,
  keptBy,
  measuredText,
  releaseLabel,
  releaseMeaning,
  releaseSentence
} from './words';

interface IProps {
  releases: ReleasesModel;
  what: string;
  trans: TranslationBundle;
}

/**
 * The button that releases something, and what says beforehand what that would
 * do.  A name of the user's is deleted only after it was said.
 */
export function ReleaseButton(
  props: IProps & { label?: string; isMain?: boolean }
): React.JSX.Element {
  const { releases, what, trans } = props;
  const preview = releases.previewOf(what);
  const isUnderWay = releases.isUnderWay(what);
  const label = props.label ?? releaseLabel(what, trans);
  const isAsked = preview !== undefined;
  const mustBeSaid = what.startsWith('name:') && !releases.isSaid(what);
  return (
    <div className="jp-dlkit-Release">
      <div className="jp-dlkit-Release-buttons">
        <Button
          isMain={props.isMain}
          aria-disabled={isUnderWay || undefined}
          title={releaseMeaning(what, trans)}
          onClick={() => {
            if (isUnderWay) {
              return;
            }
            void (mustBeSaid ? releases.preview(what) : releases.release(what));
          }}
        >
          {mustBeSaid ? trans.__('%1…', label) : label}
        </Button>
        {!isUnderWay && (
          <button
            type="button"
            className="jp-dlkit-Link"
            aria-expanded={isAsked}
            onClick={() =>
              isAsked ? releases.forget(what) : void releases.preview(what)
            }
          >
            {isAsked ? trans.__('Leave it') : trans.__('What would go?')}
          </button>
        )}
      </div>
      <div role="status">
        {isAsked && <Said preview={preview} what={what} trans={trans} />}
      </div>
    </div>
  );
}

function Said(props: {
  preview: ReturnType<ReleasesModel['previewOf']>;
  what: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { preview, what, trans } = props;
  if (preview === null || preview === undefined) {
    return (
      <p className="jp-dlkit-Change-text">{trans.__('Asking the kernel…')}</p>
    );
  }
  if (preview instanceof ApiError) {
    return <Trouble {...errorSentence(preview, trans)} tone="warning" />;
  }
  return (
    <>
      {preview.released.map((row, i) => (
        <p key={i} className="jp-dlkit-Change-what">
          {row.message}
        </p>
      ))}
      <p className="jp-dlkit-Change-text">{releaseMeaning(what, trans)}</p>
      {preview.removed.length > 0 && (
        <Folded
          summary={trans._n(
            '%2 reference goes',
            '%2 references go',
            preview.removed.length,
            formatCount(preview.removed.length)
          )}
        >
          <Lines
            of={preview.removed}
            line={name => <code>{name}</code>}
            trans={trans}
          />
        </Folded>
      )}
    </>
  );
}

/** A release that is under way, or how it ended. */
export function ReleaseLine(props: {
  releases: ReleasesModel;
  releasing: IReleasing;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { releases, releasing, trans } = props;
  const { release, error } = releasing;
  const said = releaseSentence(releasing, trans);
  const isUnderWay = isOpen(releasing);
  const isQueued = isUnderWay && release?.state === 'queued';
  const isDone = release?.state === 'done' && error === null;
  const isFine = isUnderWay || isDone || release?.state === 'cancelled';
  return (
    <div
      className="jp-dlkit-Change-line"
      data-patient={(isUnderWay && !isQueued) || undefined}
    >
      <div className="jp-dlkit-Change-head">
        {isFine && error === null ? (
          <span className="jp-dlkit-Change-sentence">{said.text}</span>
        ) : (
          <Trouble {...said} />
        )}
        {isQueued ? (
          <Button
            aria-disabled={releasing.isCancelling || undefined}
            onClick={() => void releases.cancel(releasing)}
          >
            {trans.__('Cancel')}
          </Button>
        ) : (
          !isUnderWay && (
            <Dismiss
              label={trans.__('Dismiss')}
              onClick={() => releases.dismiss(releasing)}
            />
          )
        )}
      </div>
      {isDone && <Measured release={release} trans={trans} />}
    </div>
  );
}

/** Measured bytes of each device, and whose the rest is. */
function Measured(props: {
  release: NonNullable<IReleasing['release']>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { release, trans } = props;
  const changed = release.released.filter(({ freed }) => (freed ?? 0) !== 0);
  const bytes = (changed.length > 0 ? changed : release.released)
    .map(row => measuredText(row, trans))
    .filter(text => text !== null);
  return (
    <>
      {bytes.length > 0 && (
        <p
          className="jp-dlkit-Change-text"
          title={trans.__('Measured before and after')}
        >
          {bytes.join(' · ')}
        </p>
      )}
      {Array.from(keptBy(release), ([device, names]) => {
        const name = deviceName(device, trans);
        return names.length <= NAMED ? (
          <p key={device} className="jp-dlkit-Change-text">
            {trans.__(
              'Still in use on %1, and kept: %2.',
              name,
              names.join(', ')
            )}
          </p>
        ) : (
          <Folded
            key={device}
            summary={trans.__(
              'Still in use on %1, and kept: %2',
              name,
              several(names, trans)
            )}
          >
            <Lines of={names} line={one => <bdi>{one}</bdi>} trans={trans} />
          </Folded>
        );
      })}
    </>
  );
}
