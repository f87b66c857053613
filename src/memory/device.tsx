import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { DeviceMemory } from '../api/types';
import { Folded, Lines } from '../panel/lists';
import { several } from '../panel/moves/words';
import { formatBytes, formatCount, formatUsed } from '../panel/sizes';
import { Bar, Legend } from './bar';
import { OwnersGrid } from './grid';
import { otherSentence, ownerSentence } from './kinds';
import { OwnersMap } from './map';
import {
  childrenOf,
  countOwners,
  findPart,
  hasChildren,
  partsOf,
  releaseOf,
  wholeOf
} from './owners';
import type { IPart } from './owners';
import { ReleaseButton } from './release';
import type { ReleasesModel } from './releases';
import { deviceName, partName, partText, shareText } from './words';

/** Owners that are named before anybody asks for all. */
const FIRST = 3;

interface IProps {
  device: DeviceMemory;
  releases: ReleasesModel;
  trans: TranslationBundle;
}

/** One device: a total, a bar, the largest owners; the rest on demand. */
export function DeviceBlock(props: IProps): React.JSX.Element {
  const { device, trans } = props;
  const [isOpen, setOpen] = React.useState(false);
  const parts = React.useMemo(() => partsOf(device), [device]);
  const owners = parts.filter(({ owner }) => owner !== null);
  const count = countOwners(parts);
  const name = deviceName(device.device, trans);
  const titleId = React.useId();
  return (
    <section className="jp-dlkit-MemoryDevice" aria-labelledby={titleId}>
      <h3 className="jp-dlkit-MemoryDevice-head">
        <span id={titleId} className="jp-dlkit-Device-name">
          {name}
        </span>
        <span className="jp-dlkit-Device-used">{usedText(device, trans)}</span>
      </h3>
      <Bar device={device} trans={trans} />
      <ul className="jp-dlkit-Largest">
        {owners.slice(0, FIRST).map(part => (
          <li key={part.key}>
            <span className="jp-dlkit-Swatch" data-kind={part.kind} />
            <code title={part.name}>{part.name}</code>
            <span className="jp-dlkit-Largest-what">
              {partText(part, trans)}
            </span>
            <span className="jp-dlkit-Largest-bytes">
              {formatBytes(part.bytes)}
            </span>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="jp-dlkit-Link jp-dlkit-More"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen
          ? trans.__('Less')
          : count > FIRST
            ? trans.__('All %1 owners on %2', formatCount(count), name)
            : trans.__('More on %1', name)}
      </button>
      {isOpen && <Owners {...props} parts={parts} />}
    </section>
  );
}

/** Everything on a device, as a tree or as a map, and what is chosen of it. */
function Owners(
  props: IProps & { parts: readonly IPart[] }
): React.JSX.Element {
  const { device, releases, parts, trans } = props;
  const [isMap, setMap] = React.useState(false);
  const [chosen, setChosen] = React.useState<string | null>(null);
  const [entered, setEntered] = React.useState<string | null>(null);
  const whole = wholeOf(parts);
  const part = chosen === null ? null : findPart(parts, chosen);
  const within = entered === null ? null : findPart(parts, entered);
  const name = deviceName(device.device, trans);
  const tab = (forMap: boolean, text: string): React.JSX.Element => (
    <button
      type="button"
      className="jp-dlkit-Switch"
      aria-pressed={isMap === forMap}
      onClick={() => setMap(forMap)}
    >
      {text}
    </button>
  );
  const shared = { whole, chosen, onChoose: setChosen, trans };
  return (
    <>
      <div className="jp-dlkit-Switches">
        {tab(false, trans.__('Tree'))}
        {tab(true, trans.__('Map'))}
        {isMap && within !== null && (
          <button
            type="button"
            className="jp-dlkit-Link"
            onClick={() => setEntered(within.parent?.key ?? null)}
          >
            {trans.__('Out of %1', within.name)}
          </button>
        )}
      </div>
      {isMap ? (
        <>
          <OwnersMap
            {...shared}
            label={trans.__(
              'Memory of %1 as a map; the tree says the same in words',
              name
            )}
            parts={within === null ? parts : childrenOf(within)}
            onEnter={next => setEntered((next ?? within?.parent)?.key ?? null)}
          />
          <Legend device={device} trans={trans} />
        </>
      ) : (
        <OwnersGrid
          {...shared}
          label={trans.__('Memory of %1 by owner', name)}
          parts={parts}
        />
      )}
      {part !== null && (
        <Chosen
          part={part}
          whole={whole}
          device={device}
          releases={releases}
          onEnter={
            isMap && hasChildren(part) ? () => setEntered(part.key) : null
          }
          trans={trans}
        />
      )}
      <Facts device={device} trans={trans} />
    </>
  );
}

/** What there is to say of the chosen part. */
function Chosen(props: {
  part: IPart;
  whole: number;
  device: DeviceMemory;
  releases: ReleasesModel;
  onEnter: (() => void) | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { part, whole, device, releases, onEnter, trans } = props;
  const { owner } = part;
  const what = releaseOf(part);
  const also = owner?.also ?? [];
  const nameId = React.useId();
  return (
    // Not a status: its figures change with each look, which nobody has asked for.
    <div className="jp-dlkit-Chosen" role="group" aria-labelledby={nameId}>
      <p id={nameId} className="jp-dlkit-Chosen-name">
        {owner === null ? (
          partName(part, trans)
        ) : (
          <code>{partName(part, trans)}</code>
        )}
      </p>
      <p className="jp-dlkit-Change-what">
        {trans.__(
          '%1, %2 of %3',
          formatBytes(part.bytes),
          shareText(part.bytes, whole),
          deviceName(device.device, trans)
        )}
        {owner !== null &&
          owner.storages > 0 &&
          `; ${trans._n('%2 storage', '%2 storages', owner.storages, formatCount(owner.storages))}`}
      </p>
      {owner?.hint && <p className="jp-dlkit-Change-what">{owner.hint}</p>}
      <p className="jp-dlkit-Change-text">
        {owner === null
          ? restSentence(part, trans)
          : ownerSentence(owner.owner, trans)}
      </p>
      {also.length > 0 && (
        <Folded summary={trans.__('Also held by %1', several(also, trans))}>
          <Lines of={also} line={name => <bdi>{name}</bdi>} trans={trans} />
        </Folded>
      )}
      {onEnter !== null && (
        <button type="button" className="jp-dlkit-Link" onClick={onEnter}>
          {trans.__('What is in it')}
        </button>
      )}
      {what !== null && (
        <ReleaseButton releases={releases} what={what} trans={trans} />
      )}
    </div>
  );
}

/** The allocator's figures, in plain words. */
function Facts(props: {
  device: DeviceMemory;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { device, trans } = props;
  const { allocated, reserved, unaccounted } = device;
  const facts: [string, number | null, string][] = [
    [
      trans.__('allocated'),
      allocated,
      trans.__('What the allocator has given out.')
    ],
    [
      trans.__('unaccounted'),
      unaccounted,
      trans.__('Allocated, and nobody was found who has it.')
    ],
    [
      trans.__('reserved'),
      reserved === allocated ? null : reserved,
      trans.__('What the allocator has taken from the device.')
    ],
    [
      trans.__('cache in pieces'),
      device.fragmentation,
      trans.__(
        'Of the cache, in segments of which a part is in use: they cannot be given back.'
      )
    ],
    [
      trans.__('largest free piece'),
      device.largest_free,
      trans.__('A tensor larger than this needs new memory.')
    ],
    [
      trans.__('the whole process'),
      device.process,
      trans.__('Resident memory: Python, its libraries and all objects.')
    ]
  ];
  const known = facts.filter(([, bytes]) => bytes !== null);
  return known.length === 0 ? null : (
    <dl className="jp-dlkit-Facts">
      {known.map(([name, bytes, meaning]) => (
        <div key={name} title={meaning}>
          <dt>{name}</dt>
          <dd>{formatBytes(bytes)}</dd>
        </div>
      ))}
    </dl>
  );
}

function restSentence(part: IPart, trans: TranslationBundle): string {
  return part.other !== null
    ? otherSentence(part.other.kind, trans)
    : part.kind === 'cache'
      ? trans.__(
          'Memory that PyTorch has freed and keeps for the next tensor. This kernel can use it at once; other programs cannot.'
        )
      : trans.__(
          'The allocator has given it out, and nobody was found who has it: a tensor that only C++ knows, or one that was made while it was looked.'
        );
}

/** `3.1 of 24 GiB`; of the host, what tensors have. */
function usedText(device: DeviceMemory, trans: TranslationBundle): string {
  const { allocated, attributed, cache, total } = device;
  if (allocated === null) {
    return trans.__('%1 in tensors', formatBytes(attributed));
  }
  const used = allocated + (cache ?? 0);
  return total === null
    ? formatBytes(used)
    : trans.__('%1 of %2', ...formatUsed(used, total));
}
