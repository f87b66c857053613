import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ISeries } from '../../model/history';
import type { IMemory } from '../../model/memory';
import { formatUsed } from '../sizes';
import { Chart } from './chart';
import { MemoryBar, MemoryLegend } from './memorybar';
import { Sparkline } from './sparkline';

interface IProps {
  name: string;
  /** Such as `cuda:0`, or the number of cores. */
  aside: string | null;
  asideTitle?: string;
  /** In a narrow panel it is left out. */
  isAsideSpare?: boolean;
  memory: IMemory | null;
  /** Percent now; null when the device does not report it. */
  load: number | null;
  series: ISeries;
  /** Temperature, power and the like, each with what it is. */
  facts: readonly { text: string; title: string }[];
  note: string | null;
  sparkline: boolean;
  theme: string | null;
  trans: TranslationBundle;
}

/** A device: its name, who uses its memory, how busy it is; a chart on click. */
export function DeviceRow(props: IProps): React.JSX.Element {
  const { name, memory, load, series, theme, trans } = props;
  const [isOpen, setOpen] = React.useState(false);
  const percent = load === null ? null : `${Math.round(load)} %`;
  const used =
    memory === null
      ? null
      : trans.__('%1 of %2', ...formatUsed(memory.used, memory.total));
  return (
    <li className="jp-dlkit-Device">
      <button
        type="button"
        className="jp-dlkit-Device-head"
        aria-expanded={isOpen}
        title={trans.__('Show how load and memory went')}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="jp-dlkit-Device-name">{name}</span>
        {props.aside !== null && (
          <span
            className="jp-dlkit-Device-aside"
            data-spare={props.isAsideSpare || undefined}
            title={props.asideTitle}
          >
            {props.aside}
          </span>
        )}
        <span
          className="jp-dlkit-Device-used"
          title={trans.__('Memory in use, by everybody')}
        >
          {used ?? trans.__('memory not reported')}
        </span>
      </button>
      {memory !== null && <MemoryBar memory={memory} trans={trans} />}
      <div className="jp-dlkit-Device-facts">
        {memory !== null && <MemoryLegend memory={memory} trans={trans} />}
        {percent !== null && (
          <span
            className="jp-dlkit-Device-load"
            title={trans.__('How busy it is')}
          >
            {props.sparkline && (
              <Sparkline
                values={series.load}
                theme={theme}
                label={trans.__('Load of %1, now %2', name, percent)}
              />
            )}
            {percent}
          </span>
        )}
        {props.facts.map(({ text, title }) => (
          <span key={title} title={title}>
            {text}
          </span>
        ))}
      </div>
      {props.note !== null && (
        <p className="jp-dlkit-Device-note">{props.note}</p>
      )}
      {isOpen && (
        <Chart
          series={series}
          total={memory?.total ?? null}
          label={trans.__('Load and memory of %1 over time', name)}
          theme={theme}
          trans={trans}
        />
      )}
    </li>
  );
}
