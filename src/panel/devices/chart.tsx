import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type uPlot from 'uplot';
import type { ISeries } from '../../model/history';
import { formatBytes } from '../sizes';

const HEIGHT = 110;

interface IProps {
  series: ISeries;
  /** Bytes of the whole memory, or null. */
  total: number | null;
  label: string;
  theme: string | null;
  trans: TranslationBundle;
}

/** Load and memory over time; the library is fetched when first needed. */
export function Chart(props: IProps): React.JSX.Element {
  const { series, total, label, theme, trans } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const plot = React.useRef<uPlot | null>(null);
  const latest = React.useRef(series);
  latest.current = series;
  React.useEffect(() => {
    let isMounted = true;
    const resized = new ResizeObserver(() => {
      if (host.current !== null && host.current.clientWidth > 0) {
        plot.current?.setSize({
          width: host.current.clientWidth,
          height: HEIGHT
        });
      }
    });
    void import('uplot').then(({ default: Plot }) => {
      if (isMounted && host.current !== null) {
        plot.current = new Plot(
          options(host.current, total, trans),
          data(latest.current, total),
          host.current
        );
        resized.observe(host.current);
      }
    });
    return () => {
      isMounted = false;
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [total, theme, trans]);
  React.useEffect(() => {
    plot.current?.setData(data(series, total));
  }, [series, series.times.length, total]);
  return (
    <figure className="jp-dlkit-Chart" aria-label={label}>
      <div ref={host} role="img" aria-label={label} />
    </figure>
  );
}

function data(series: ISeries, total: number | null): uPlot.AlignedData {
  return [
    series.times.map(time => time / 1000),
    series.load.slice(),
    series.memory.map(bytes =>
      bytes === null || total === null ? null : (bytes / total) * 100
    )
  ];
}

function options(
  host: HTMLElement,
  total: number | null,
  trans: TranslationBundle
): uPlot.Options {
  const style = getComputedStyle(host);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--jp-ui-font-color2'),
    grid: { stroke: color('--jp-border-color3'), width: 1 },
    ticks: { stroke: color('--jp-border-color3'), width: 1 },
    font: `10px ${color('--jp-ui-font-family')}`
  };
  const percent = (_: uPlot, value: number | null): string =>
    value === null || value === undefined ? '–' : `${Math.round(value)} %`;
  return {
    width: host.clientWidth,
    height: HEIGHT,
    scales: { y: { range: [0, 100] } },
    legend: { live: true },
    cursor: { drag: { x: false, y: false } },
    axes: [
      { ...axis, size: 24 },
      {
        ...axis,
        size: 42,
        values: (_, ticks) => ticks.map(tick => `${tick}%`),
        splits: () => [0, 50, 100]
      }
    ],
    series: [
      { label: trans.__('time') },
      {
        label: trans.__('load'),
        stroke: color('--jp-brand-color1'),
        width: 1.5,
        points: { show: false },
        value: percent
      },
      {
        label: trans.__('memory'),
        stroke: color('--jp-accent-color1'),
        width: 1.5,
        dash: [4, 3],
        points: { show: false },
        value: (_, value) =>
          value === null || value === undefined || total === null
            ? '–'
            : formatBytes((value / 100) * total)
      }
    ]
  };
}
