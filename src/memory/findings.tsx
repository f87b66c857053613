import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { MemoryFinding } from '../api/types';
import { ReleaseButton } from './release';
import type { ReleasesModel } from './releases';

/** Findings that are told before anybody asks for all. */
const FIRST = 2;

interface IProps {
  /** The worst first. */
  findings: readonly MemoryFinding[];
  releases: ReleasesModel;
  trans: TranslationBundle;
}

/** What is not as a person would want it, and what to do about it. */
export function Findings(props: IProps): React.JSX.Element | null {
  const { findings, releases, trans } = props;
  const [isOpen, setOpen] = React.useState(false);
  const shown = isOpen ? findings : findings.slice(0, FIRST);
  const more = findings.length - FIRST;
  return findings.length === 0 ? null : (
    <div className="jp-dlkit-Findings">
      <ul aria-label={trans.__('Findings')}>
        {shown.map((finding, i) => (
          <li
            key={`${finding.code} ${i}`}
            className="jp-dlkit-Finding"
            data-quiet={finding.bytes === 0 || undefined}
          >
            <p className="jp-dlkit-Finding-text">{finding.message}</p>
            <p className="jp-dlkit-Change-text">{finding.hint}</p>
            {finding.action !== null && (
              <ReleaseButton
                releases={releases}
                what={finding.action.release}
                trans={trans}
              />
            )}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <button
          type="button"
          className="jp-dlkit-Link jp-dlkit-More"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen
            ? trans.__('Less')
            : trans._n('%2 more finding', '%2 more findings', more, more)}
        </button>
      )}
    </div>
  );
}
