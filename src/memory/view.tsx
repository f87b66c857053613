import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { DeviceMemory, KernelMemory } from '../api/types';
import type { LiveModel } from '../model/live';
import { Folded, Lines, Trouble } from '../panel/lists';
import { errorSentence } from '../panel/moves/words';
import { useNow, useSignals } from '../panel/signals';
import { formatAge, formatBytes } from '../panel/sizes';
import { DeviceBlock } from './device';
import { Findings } from './findings';
import type { Known } from './known';
import type { MemoryModel } from './model';
import { releasableOf } from './owners';
import { Plot } from './plot';
import { ReleaseButton } from './release';
import type { ReleasesModel } from './releases';
import { deviceName, lastCellText, whatText } from './words';

interface IProps {
  live: LiveModel;
  memory: MemoryModel;
  releases: ReleasesModel;
  trans: TranslationBundle;
}

/** Older than this, an answer is called old, in milliseconds. */
const OLD = 25_000;

/** Where the bytes of each device went, by owner. */
export function MemoryView(props: IProps): React.JSX.Element {
  const { live, memory, releases, trans } = props;
  useSignals(live.changed, memory.changed, releases.changed);
  const { known } = memory;
  const account = known?.account ?? null;
  if (known === null || account === null) {
    return <Nothing {...props} />;
  }
  const devices = account.devices.filter(hasAnything);
  const without = account.devices.filter(device => !hasAnything(device));
  return (
    <div className="jp-dlkit-MemorySection">
      <Looked {...props} account={account} />
      <Findings findings={account.findings} releases={releases} trans={trans} />
      {[...devices].sort(hostLast).map(device => (
        <DeviceBlock
          key={`${live.current?.id} ${device.device}`}
          device={device}
          releases={releases}
          trans={trans}
        />
      ))}
      {devices.length === 0 && (
        <p className="jp-dlkit-Empty">
          {trans.__(
            'No tensor of this kernel takes memory. What a cell makes appears here by its name.'
          )}
        </p>
      )}
      {devices.length > 0 && without.length > 0 && (
        <p className="jp-dlkit-Note">
          {trans.__(
            'Nothing on %1.',
            without.map(({ device }) => deviceName(device, trans)).join(', ')
          )}
        </p>
      )}
      <LeftOut account={account} trans={trans} />
      <Releasable account={account} releases={releases} trans={trans} />
      <Cells known={known} trans={trans} />
    </div>
  );
}

/** Why there is nothing to see. */
function Nothing({ live, memory, trans }: IProps): React.JSX.Element {
  const agent = live.kernel?.agent;
  if (memory.error !== null) {
    return (
      <div className="jp-dlkit-MemorySection">
        <Trouble {...errorSentence(memory.error, trans)} tone="wait" />
      </div>
    );
  }
  return (
    <p className="jp-dlkit-Empty">
      {live.current === null || live.server !== 'fine'
        ? trans.__('Nothing to show yet.')
        : agent === 'disabled' ||
            agent === 'unsupported' ||
            agent === 'unreachable' ||
            live.current.state === 'dead'
          ? trans.__('Nothing to show.')
          : trans.__('Looking who has the memory…')}
    </p>
  );
}

/** How old the answer is, and why. */
function Looked(props: IProps & { account: KernelMemory }): React.JSX.Element {
  const { live, memory, trans } = props;
  const now = useNow();
  const age = now - memory.lookedAt;
  const { error } = memory;
  return (
    <div className="jp-dlkit-Looked">
      {/* Without the age: it would be read out every second. */}
      <div role="status" className="jp-dlkit-Looked-trouble">
        {error !== null && (
          <Trouble tone="wait" {...errorSentence(error, trans)} />
        )}
      </div>
      <span className="jp-dlkit-Looked-age">
        {live.current?.state === 'busy' || age > OLD || error !== null
          ? trans.__('as of %1 ago', formatAge(age))
          : ''}
      </span>
      <button
        type="button"
        className="jp-dlkit-Tool"
        title={trans.__('Look at the memory again')}
        aria-label={trans.__('Look at the memory again')}
        onClick={() => memory.refresh()}
      >
        <refreshIcon.react tag="span" width="14px" height="14px" />
      </button>
    </div>
  );
}

/** What was not looked at. */
function LeftOut(props: {
  account: KernelMemory;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { account, trans } = props;
  const { left_out, complete } = account;
  if (complete && left_out.length === 0) {
    return null;
  }
  return (
    <div className="jp-dlkit-Note">
      {left_out.length === 1 ? (
        left_out[0]
      ) : left_out.length === 0 ? (
        trans.__('Not everything was looked at.')
      ) : (
        <Folded summary={trans.__('Not everything was looked at')}>
          <Lines of={left_out} line={text => text} trans={trans} />
        </Folded>
      )}
    </div>
  );
}

/** What can be given back without any variable of the user's. */
function Releasable(props: {
  account: KernelMemory;
  releases: ReleasesModel;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { account, releases, trans } = props;
  const sums = releasableOf(account.devices);
  const total = Array.from(sums.values()).reduce((all, one) => all + one, 0);
  return sums.size === 0 ? null : (
    <div className="jp-dlkit-Fold">
      <Folded
        summary={trans.__('Can be released: up to %1', formatBytes(total))}
      >
        <ul className="jp-dlkit-Releasable">
          {Array.from(sums, ([what, bytes]) => (
            <li key={what}>
              <span className="jp-dlkit-Left">
                <span>{whatText(what, trans)}</span>
                <span>{formatBytes(bytes)}</span>
              </span>
              <ReleaseButton releases={releases} what={what} trans={trans} />
            </li>
          ))}
        </ul>
      </Folded>
    </div>
  );
}

/** The last cell; on demand the plot of all. */
function Cells(props: {
  known: Known;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { known, trans } = props;
  const [isOpen, setOpen] = React.useState(false);
  const running = known.account?.running ?? null;
  const last = running ?? known.cells[known.cells.length - 1] ?? null;
  return last === null ? null : (
    <div className="jp-dlkit-Fold">
      <details
        className="jp-dlkit-Folded"
        onToggle={event => setOpen(event.currentTarget.open)}
      >
        <summary>
          {trans.__('Cells')}{' '}
          <span className="jp-dlkit-Change-text">
            {lastCellText(last, trans)}
          </span>
        </summary>
        {isOpen && <Plot known={known} trans={trans} />}
      </details>
    </div>
  );
}

function hasAnything({ owners, allocated, reserved }: DeviceMemory): boolean {
  return owners.length > 0 || (allocated ?? 0) > 0 || (reserved ?? 0) > 0;
}

function hostLast(one: DeviceMemory, other: DeviceMemory): number {
  return Number(one.device === 'cpu') - Number(other.device === 'cpu');
}
