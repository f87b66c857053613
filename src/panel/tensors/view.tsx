import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LiveModel } from '../../model/live';
import { Button } from '../button';
import { explain } from '../glossary';
import { useAtOnce, useSignals } from '../signals';
import { formatBytes, formatCount } from '../sizes';
import { Grid } from './grid';

interface IProps {
  live: LiveModel;
  onOpen: (andFocus: boolean) => void;
  /** Offers the devices to which the chosen lines can be moved. */
  onMove: (at: DOMRect) => void;
  /** Brings the chosen tensors to the checker of shapes. */
  onCheck: () => void;
  /** Asks whether to delete the chosen tensors. */
  onDelete: () => void;
  trans: TranslationBundle;
}

/** Search, filter, the tree-table, and what it amounts to. */
export function TensorsView({
  live,
  onOpen,
  onMove,
  onCheck,
  onDelete,
  trans
}: IProps): React.JSX.Element {
  const { tensors, settings } = live;
  useSignals(tensors.changed, settings.changed, live.changed);
  const isEmpty = tensors.table.length === 0;
  return (
    <>
      <Tools live={live} trans={trans} />
      {isEmpty ? (
        <p className="jp-dlkit-Empty">{whyEmpty(live, trans)}</p>
      ) : tensors.arrangement.lines.length === 0 ? (
        <p className="jp-dlkit-Empty">
          {trans.__(
            'None of the %1 tensors matches.',
            formatCount(tensors.table.length)
          )}{' '}
          <button
            type="button"
            className="jp-dlkit-Link"
            onClick={() => tensors.ask({ text: '', device: null })}
          >
            {trans.__('Show all')}
          </button>
        </p>
      ) : (
        <Grid
          model={tensors}
          columns={settings.values.columns}
          onOpen={onOpen}
          onMove={onMove}
          trans={trans}
        />
      )}
      {!isEmpty && (
        <Foot
          live={live}
          onMove={onMove}
          onCheck={onCheck}
          onDelete={onDelete}
          trans={trans}
        />
      )}
    </>
  );
}

/** Search field, device filter, fold and unfold. */
function Tools(props: {
  live: LiveModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { live, trans } = props;
  const { tensors } = live;
  const { query, devices } = tensors;
  const atOnce = useAtOnce();
  const hasGroups = tensors.table.groups.length > 0;
  const allOpen =
    hasGroups && tensors.table.groups.every(({ name }) => tensors.isOpen(name));
  return (
    <div className="jp-dlkit-Tools">
      <input
        type="search"
        className="jp-dlkit-Search"
        placeholder={trans.__('Search tensors')}
        aria-label={trans.__('Search in name, shape, dtype, device and type')}
        title={trans.__('Searches name, shape, dtype, device and type')}
        value={query.text}
        onChange={event =>
          atOnce(() => tensors.ask({ text: event.target.value }))
        }
        onKeyDown={event => {
          if (event.key === 'Escape') {
            tensors.ask({ text: '' });
          }
        }}
      />
      {devices.length > 1 && (
        <select
          className="jp-dlkit-Filter"
          aria-label={trans.__('Only tensors on this device')}
          title={explain('device', trans)}
          value={query.device ?? ''}
          onChange={event =>
            tensors.ask({ device: event.target.value || null })
          }
        >
          <option value="">{trans.__('all devices')}</option>
          {devices.map(device => (
            <option key={device} value={device}>
              {device}
            </option>
          ))}
        </select>
      )}
      {hasGroups && (
        <button
          type="button"
          className="jp-dlkit-Tool"
          aria-label={allOpen ? trans.__('Fold all') : trans.__('Unfold all')}
          title={
            allOpen
              ? trans.__('Fold all modules, optimizers and containers')
              : trans.__('Unfold all modules, optimizers and containers')
          }
          onClick={() => tensors.setAllOpen(!allOpen)}
        >
          <span
            className="jp-dlkit-Caret"
            data-open={!allOpen}
            aria-hidden="true"
          />
        </button>
      )}
    </div>
  );
}

/** What there is, or what is chosen and can be done with it. */
function Foot(props: {
  live: LiveModel;
  onMove: (at: DOMRect) => void;
  onCheck: () => void;
  onDelete: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { live, trans } = props;
  const { selection, choice } = live.tensors;
  return (
    <div className="jp-dlkit-Foot">
      <Totals live={live} trans={trans} />
      {choice.targets.length > 0 && (
        <div className="jp-dlkit-Foot-chosen">
          {(selection.size > 1 || choice.hasGroups) && (
            <span className="jp-dlkit-Foot-count">
              {trans._n(
                '%2 tensor chosen, %3',
                '%2 tensors chosen, %3',
                choice.tensors,
                formatCount(choice.tensors),
                formatBytes(choice.bytes)
              )}
            </span>
          )}
          <span className="jp-dlkit-Foot-buttons">
            <Button
              aria-haspopup="menu"
              title={trans.__('Move what is chosen to another device')}
              onClick={event =>
                props.onMove(event.currentTarget.getBoundingClientRect())
              }
            >
              {trans.__('Move')}
              <span className="jp-dlkit-Down" aria-hidden="true" />
            </Button>
            {!choice.hasGroups && (
              <Button
                title={trans.__('Do these shapes work together?')}
                onClick={props.onCheck}
              >
                {trans.__('Check')}
              </Button>
            )}
            {!choice.hasGroups && (
              <Button
                title={trans.__('Delete the names of what is chosen')}
                onClick={props.onDelete}
              >
                {trans.__('Delete')}
              </Button>
            )}
          </span>
        </div>
      )}
    </div>
  );
}

/** How many there are and what they take, per device. */
function Totals(props: {
  live: LiveModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { trans } = props;
  const { tensors } = props.live;
  const { table, arrangement, head } = tensors;
  const devices = Object.entries(table.totals);
  const isFiltered = arrangement.matches < table.length;
  return (
    <div className="jp-dlkit-Totals">
      <span
        title={trans.__(
          'Each storage is counted once, however many tensors look at it.'
        )}
      >
        {isFiltered
          ? trans.__(
              '%1 of %2 tensors',
              formatCount(arrangement.matches),
              formatCount(table.length)
            )
          : trans._n(
              '%2 tensor',
              '%2 tensors',
              table.length,
              formatCount(table.length)
            )}
        {devices.map(([device, total]) => (
          <React.Fragment key={device}>
            {' · '}
            <span className="jp-dlkit-Totals-device">{device}</span>{' '}
            {formatBytes(total.bytes)}
          </React.Fragment>
        ))}
      </span>
      {head !== null && !head.complete && (
        <span
          className="jp-dlkit-Totals-cut"
          title={head.cut.map(({ root, why }) => `${root}: ${why}`).join('\n')}
        >
          {trans.__(
            'Not looked through to the end: %1',
            head.cut.map(({ root }) => root).join(', ') ||
              trans.__('the time for it was over')
          )}
        </span>
      )}
    </div>
  );
}

/** Why there are no tensors, in words. */
function whyEmpty(live: LiveModel, trans: TranslationBundle): string {
  if (live.current === null || live.server !== 'fine') {
    return trans.__('Nothing to show yet.');
  }
  if (live.tensors.head === null) {
    const agent = live.kernel?.agent;
    return agent === 'disabled' ||
      agent === 'unsupported' ||
      agent === 'unreachable'
      ? trans.__('Nothing to show.')
      : trans.__('Looking…');
  }
  return trans.__(
    'This kernel has no tensors yet. Try x = torch.rand(2, 3) in a cell, or a NumPy array.'
  );
}
