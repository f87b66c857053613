import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LiveModel } from '../model/live';
import { Button } from '../panel/button';
import { useNow, useSignals } from '../panel/signals';
import { formatAge } from '../panel/sizes';
import type { INotice } from '../panel/states';
import { CopyButton } from './check';
import type { DoctorModel, IKnown, Place } from './model';
import { Report } from './report';
import { Running } from './running';
import type { Doctor } from './types';
import { obstacle, verdictWord } from './words';

interface IProps {
  live: LiveModel;
  doctors: DoctorModel;
  onCopy: (text: string) => void;
  /** Asks whether the files shall be read. */
  onCheckFiles: () => void;
  trans: TranslationBundle;
}

/** What was found of the kernel's environment, or of the server's. */
export function DoctorView(props: IProps): React.JSX.Element {
  const { live, doctors, onCopy, trans } = props;
  useSignals(live.changed, live.settings.changed, doctors.changed);
  const { place, known } = doctors;
  const doctor = known?.doctor ?? null;
  const hindrance = obstacle(live, place, known, trans);
  const run = doctor?.run ?? null;
  const isBusy = run !== null || known?.isAsking === true;
  // With a verdict there is a report.
  const report = (doctor?.verdict ?? null) === null ? null : doctor;
  return (
    <div className="jp-dlkit-Doctor">
      <Places doctors={doctors} trans={trans} />
      <p className="jp-dlkit-Doctor-whose">
        {whose(live, place, doctor, trans)}
      </p>
      {hindrance !== null && <Notice {...hindrance} />}
      <Failure known={known} isSaid={hindrance !== null} trans={trans} />
      {hindrance === null && (
        <div className="jp-dlkit-Buttons">
          <Button
            isMain={report === null}
            // It stays, so that the keyboard's place does.
            aria-disabled={isBusy}
            onClick={() => {
              if (!isBusy) {
                void doctors.examine();
              }
            }}
          >
            {report === null ? trans.__('Examine') : trans.__('Examine again')}
          </Button>
          <Button
            title={trans.__(
              'Compares every file of torch and its CUDA packages with the SHA-256 of its package'
            )}
            aria-disabled={isBusy}
            onClick={() => {
              if (!isBusy) {
                props.onCheckFiles();
              }
            }}
          >
            {trans.__('Check files (SHA-256)…')}
          </Button>
        </div>
      )}
      {run !== null && (
        <Running
          run={run}
          onCancel={() => void doctors.cancel()}
          trans={trans}
        />
      )}
      {report !== null && (
        <div className="jp-dlkit-Doctor-age">
          <Age doctor={report} trans={trans} />
          {report.text !== null && (
            <CopyButton
              label={trans.__('Copy as text')}
              title={trans.__(
                'For a question in a forum: without names of users and hosts, tokens and paths of the home directory'
              )}
              onCopy={() => onCopy(report.text!)}
              trans={trans}
            />
          )}
        </div>
      )}
      {report !== null && report.note !== null && (
        <p className="jp-dlkit-Doctor-note">{report.note}</p>
      )}
      {doctor !== null && (report !== null || run !== null) ? (
        <Report
          key={doctor.kernel_id}
          doctor={doctor}
          onCopy={onCopy}
          trans={trans}
        />
      ) : (
        hindrance === null &&
        doctor !== null && (
          <p className="jp-dlkit-Doctor-empty">
            {doctor.summary}{' '}
            {trans.__(
              'It takes a second or two, in a process of its own: no kernel is disturbed, and no accelerator is initialised in one.'
            )}
          </p>
        )
      )}
      <p className="jp-dlkit-Aloud" role="status">
        {aloud(doctor, trans)}
      </p>
    </div>
  );
}

/** Which of the two environments is shown. */
function Places(props: {
  doctors: DoctorModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { doctors, trans } = props;
  const button = (place: Place, label: string): React.JSX.Element => (
    <button
      type="button"
      aria-pressed={doctors.place === place}
      onClick={() => {
        doctors.place = place;
      }}
    >
      {label}
    </button>
  );
  return (
    <div
      className="jp-dlkit-Doctor-places"
      role="group"
      aria-label={trans.__('Whose environment')}
    >
      {button('kernel', trans.__('This kernel'))}
      {button('server', trans.__('The server'))}
    </div>
  );
}

/** Which machine and which Python that is. */
function whose(
  { current }: LiveModel,
  place: Place,
  doctor: Doctor | null,
  trans: TranslationBundle
): React.ReactNode {
  const whom =
    place === 'server'
      ? trans.__('Where Jupyter itself runs; a kernel may have another Python.')
      : current === null
        ? null
        : trans.__(
            'Where the code of %1 runs: %2.',
            current.title,
            current.kernel
          );
  return (
    <>
      {whom}
      {doctor !== null && doctor.executable !== null && (
        <span
          className="jp-dlkit-Doctor-python"
          title={trans.__('The interpreter that was examined')}
        >
          <code>{doctor.executable}</code>{' '}
          {trans.__('(Python %1)', doctor.python ?? '?')}
        </span>
      )}
    </>
  );
}

function Age(props: {
  doctor: Doctor;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { doctor, trans } = props;
  const now = useNow();
  const age = formatAge(now - Date.parse(doctor.taken_at ?? ''));
  return (
    <span title={doctor.taken_at ?? undefined}>
      {doctor.integrity
        ? trans.__('Examined %1 ago, with files', age)
        : trans.__('Examined %1 ago', age)}
    </span>
  );
}

/** Why the last wish was not fulfilled. */
function Failure(props: {
  known: IKnown | null;
  /** It is said in other words. */
  isSaid: boolean;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { known, isSaid, trans } = props;
  const { error = null, doctor = null } = known ?? {};
  if (error !== null) {
    return isSaid ? null : (
      <Notice tone="trouble" text={error.message} hint={error.hint || null} />
    );
  }
  if (doctor !== null && doctor.error !== null) {
    const { message, hint } = doctor.error;
    return <Notice tone="trouble" text={message} hint={hint || null} />;
  }
  return doctor?.state === 'cancelled' ? (
    <Notice
      tone="calm"
      text={trans.__('The examination was cancelled.')}
      hint={
        doctor.verdict === null
          ? null
          : trans.__('Below is what was found before.')
      }
    />
  ) : null;
}

function Notice({ tone, text, hint }: INotice): React.JSX.Element {
  return (
    <p className="jp-dlkit-Notice" data-tone={tone}>
      {text}
      {hint !== null && <span className="jp-dlkit-Notice-hint">{hint}</span>}
    </p>
  );
}

/** What a screen reader says when an examination has begun or ended. */
function aloud(doctor: Doctor | null, trans: TranslationBundle): string {
  if (doctor === null) {
    return '';
  }
  if (doctor.run !== null) {
    return trans.__('Examining…');
  }
  return doctor.verdict === null
    ? ''
    : `${verdictWord(doctor.verdict, trans)}. ${doctor.summary}`;
}
