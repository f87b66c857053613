import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IMemory, ISegment, Part } from '../../model/memory';
import { formatBytes } from '../sizes';

/** What a part of the bar is called, and what it means. */
function describe(
  segment: ISegment,
  trans: TranslationBundle
): { label: string; meaning: string } {
  const names = segment.names.join(', ');
  const words: Record<Part, { label: string; meaning: string }> = {
    tensors: {
      label: trans.__('tensors'),
      meaning: trans.__('Tensors of this kernel.')
    },
    cache: {
      label: trans.__('cache'),
      meaning: trans.__(
        'Memory that this kernel holds beside its tensors: PyTorch keeps what was freed, to use it again, and the driver needs some itself.'
      )
    },
    mine: {
      label: trans.__('this kernel'),
      meaning: trans.__(
        'What the process of this kernel holds, as the driver counts it.'
      )
    },
    kernels: {
      label: names || trans.__('other kernels'),
      meaning:
        names === ''
          ? trans.__('Other kernels of this server.')
          : trans.__('Other kernels of this server: %1.', names)
    },
    others: {
      label: trans.__('others'),
      meaning: trans.__(
        'Everything else that runs here: other programs, and what this kernel holds that is not a tensor.'
      )
    },
    free: {
      label: trans.__('free'),
      meaning: trans.__('Not used by anybody.')
    }
  };
  return words[segment.part];
}

interface IProps {
  memory: IMemory;
  trans: TranslationBundle;
}

/** A bar of who uses a device's memory; {@link MemoryLegend} says it in words. */
export function MemoryBar({ memory, trans }: IProps): React.JSX.Element {
  return (
    <div className="jp-dlkit-Memory-bar" aria-hidden="true">
      {shown(memory).map(segment => {
        const { label, meaning } = describe(segment, trans);
        return (
          <span
            key={segment.part}
            className="jp-dlkit-Memory-part"
            data-part={segment.part}
            style={{ flexGrow: segment.bytes / memory.total }}
            title={`${label}: ${formatBytes(segment.bytes)}\n${meaning}`}
          />
        );
      })}
    </div>
  );
}

/** The parts of the bar by name; what is free shows in the bar alone. */
export function MemoryLegend({ memory, trans }: IProps): React.JSX.Element {
  return (
    <ul className="jp-dlkit-Memory-legend">
      {shown(memory)
        .filter(({ part }) => part !== 'free')
        .map(segment => {
          const { label, meaning } = describe(segment, trans);
          return (
            <li key={segment.part} data-part={segment.part} title={meaning}>
              <span className="jp-dlkit-Memory-label">{label}</span>{' '}
              {formatBytes(segment.bytes)}
            </li>
          );
        })}
    </ul>
  );
}

function shown(memory: IMemory): ISegment[] {
  return memory.segments.filter(({ bytes }) => bytes > 0);
}
