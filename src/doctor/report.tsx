import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { CheckLine, FirstThing } from './check';
import type { Doctor, DoctorCheck } from './types';
import { VerdictMark } from './verdict';
import { countsText, grouped, groupLabel, worst } from './words';

interface IProps {
  doctor: Doctor;
  onCopy: (text: string) => void;
  trans: TranslationBundle;
}

/** The one thing to do first, then everything else by group, folded. */
export function Report(props: IProps): React.JSX.Element {
  const { doctor, onCopy, trans } = props;
  const { checks, run } = doctor;
  if (doctor.verdict === null) {
    return <Groups checks={run?.checks ?? []} onCopy={onCopy} trans={trans} />;
  }
  const first = checks.find(({ id }) => id === doctor.first);
  // An amount, where a price is set.
  const cost = checks.find(
    ({ id, title }) => id === 'cloud.cost' && /\d/.test(title)
  );
  return (
    <div
      className="jp-dlkit-Doctor-report"
      data-verdict={doctor.verdict}
      aria-busy={run !== null}
    >
      {first === undefined ? (
        <p className="jp-dlkit-Doctor-summary" data-verdict={doctor.verdict}>
          <VerdictMark verdict={doctor.verdict} trans={trans} isShort />
          <span>{doctor.summary}</span>
        </p>
      ) : (
        <FirstThing check={first} onCopy={onCopy} trans={trans} />
      )}
      {cost !== undefined && cost !== first && (
        <p className="jp-dlkit-Doctor-note">{cost.title}</p>
      )}
      {doctor.complete === false && (
        <p className="jp-dlkit-Doctor-note">
          {trans.__(
            'Not everything could be looked at: this is what there is.'
          )}
        </p>
      )}
      <Groups
        checks={checks.filter(check => check !== first)}
        onCopy={onCopy}
        trans={trans}
      />
    </div>
  );
}

function Groups(props: {
  checks: readonly DoctorCheck[];
  onCopy: (text: string) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { trans } = props;
  return (
    <>
      {grouped(props.checks).map(({ id, checks }) => (
        <details key={id} className="jp-dlkit-Doctor-group" data-group={id}>
          <summary>
            <VerdictMark verdict={worst(checks)} trans={trans} isShort />
            <span className="jp-dlkit-Doctor-name">
              {groupLabel(id, trans)}
            </span>
            <span className="jp-dlkit-Doctor-counts">
              {countsText(checks, trans)}
            </span>
          </summary>
          <Checks {...props} checks={checks} />
        </details>
      ))}
    </>
  );
}

/** The checks of a group; what does not apply is one more fold down. */
function Checks(props: {
  checks: readonly DoctorCheck[];
  onCopy: (text: string) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { checks, trans } = props;
  const line = (check: DoctorCheck): React.JSX.Element => (
    <CheckLine
      key={`${check.id} ${check.verdict}`}
      check={check}
      onCopy={props.onCopy}
      trans={trans}
    />
  );
  const others = checks.filter(({ verdict }) => verdict === 'not_applicable');
  return (
    <ul className="jp-dlkit-Doctor-checks">
      {checks.filter(check => !others.includes(check)).map(line)}
      {others.length > 0 && (
        <li className="jp-dlkit-Doctor-others">
          <details>
            <summary>
              {trans._n(
                '%1 check does not apply here',
                '%1 checks do not apply here',
                others.length
              )}
            </summary>
            <ul className="jp-dlkit-Doctor-checks">{others.map(line)}</ul>
          </details>
        </li>
      )}
    </ul>
  );
}
