import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Summary } from '../../api/types';
import { explain } from '../glossary';
import type { Term } from '../glossary';
import { formatCount, formatNumber } from '../sizes';

interface IProps {
  summary: Summary;
  trans: TranslationBundle;
}

/** min, max, mean, std, what is not a number, and how the values spread. */
export function SummaryView({ summary, trans }: IProps): React.JSX.Element {
  const numbers: [Term, string, string][] = [
    ['min', trans.__('min'), formatNumber(summary.min)],
    ['max', trans.__('max'), formatNumber(summary.max)],
    ['mean', trans.__('mean'), formatNumber(summary.mean)],
    ['std', trans.__('std'), formatNumber(summary.std)],
    ['nan', trans.__('NaN'), formatCount(summary.nan)],
    ['inf', trans.__('Inf'), formatCount(summary.inf)],
    ['zeros', trans.__('zeros'), formatCount(summary.zeros)]
  ];
  const bad = { nan: summary.nan > 0, inf: summary.inf > 0 };
  return (
    <div className="jp-dlkit-Summary">
      <dl className="jp-dlkit-Summary-numbers">
        {numbers.map(([term, label, value]) => (
          <div
            key={term}
            data-bad={(bad as Record<string, boolean>)[term] || undefined}
          >
            <dt title={explain(term, trans)}>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {summary.histogram !== null && (
        <Histogram histogram={summary.histogram} trans={trans} />
      )}
      {summary.sampled < summary.numel && (
        <p className="jp-dlkit-Note">
          {trans.__(
            'From %1 of %2 elements.',
            formatCount(summary.sampled),
            formatCount(summary.numel)
          )}
        </p>
      )}
    </div>
  );
}

function Histogram(props: {
  histogram: NonNullable<Summary['histogram']>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { edges, counts } = props.histogram;
  const { trans } = props;
  const most = Math.max(1, ...counts);
  const label = trans.__(
    'Histogram: %1 intervals from %2 to %3',
    counts.length,
    formatNumber(edges[0]),
    formatNumber(edges[edges.length - 1])
  );
  return (
    <figure className="jp-dlkit-Histogram">
      <div
        className="jp-dlkit-Histogram-bars"
        role="img"
        aria-label={label}
        title={explain('histogram', trans)}
      >
        {counts.map((count, i) => (
          <span
            key={i}
            style={{ height: `${(count / most) * 100}%` }}
            data-empty={count === 0 || undefined}
            title={`${formatNumber(edges[i])} … ${formatNumber(edges[i + 1])}: ${formatCount(count)}`}
          />
        ))}
      </div>
      <figcaption>
        <span>{formatNumber(edges[0])}</span>
        <span>{formatNumber(edges[edges.length - 1])}</span>
      </figcaption>
    </figure>
  );
}
