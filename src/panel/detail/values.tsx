import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { TensorDetail } from '../../api/types';
import { SMALL } from '../../model/detail';
import type { DetailModel } from '../../model/detail';
import { Button } from '../button';
import { SummaryView } from './histogram';
import { SliceView } from './slice';

interface IProps {
  model: DetailModel;
  tensor: TensorDetail;
  trans: TranslationBundle;
}

/** The values of a tensor; none leaves the kernel before a button is used. */
export function Values({ model, tensor, trans }: IProps): React.JSX.Element {
  const { values } = model;
  const [slice, setSlice] = React.useState('');
  const isBusy = model.loading === 'values';
  const isSmall = tensor.numel !== null && tensor.numel <= SMALL;
  const rank = tensor.rank ?? 0;
  const valueTitle =
    rank === 0
      ? trans.__('What x.item() would give')
      : trans.__('Reads the first values from the device');
  return (
    <section className="jp-dlkit-ValuesPart" aria-busy={isBusy}>
      <div className="jp-dlkit-Buttons">
        <Button
          isMain
          disabled={isBusy}
          title={valueTitle}
          onClick={() => void model.readSlice('')}
        >
          {rank === 0 ? trans.__('Value') : trans.__('Values')}
        </Button>
        {!(isSmall && rank === 0) && (
          <Button
            disabled={isBusy}
            title={trans.__(
              'min, max, mean, std, NaN and Inf, and a histogram; reads the whole tensor'
            )}
            onClick={() => void model.readSummary()}
          >
            {trans.__('Statistics')}
          </Button>
        )}
        {looksLikeImage(tensor) && (
          <Button
            disabled={isBusy}
            title={trans.__('Its shape is one of an image')}
            onClick={() => void model.readImage()}
          >
            {trans.__('Image')}
          </Button>
        )}
      </div>
      {rank > 0 && !isSmall && (
        <form
          className="jp-dlkit-SliceForm"
          onSubmit={event => {
            event.preventDefault();
            void model.readSlice(slice);
          }}
        >
          <code aria-hidden="true">[</code>
          <input
            type="text"
            value={slice}
            spellCheck={false}
            placeholder={Array.from({ length: rank }, (_, i) =>
              i < rank - 2 ? '0' : ':5'
            ).join(', ')}
            aria-label={trans.__('Slice, such as 0, :, 3:5')}
            onChange={event => setSlice(event.target.value)}
          />
          <code aria-hidden="true">]</code>
          <Button type="submit" disabled={isBusy}>
            {trans.__('Show')}
          </Button>
        </form>
      )}
      {isBusy && (
        <p className="jp-dlkit-Note" role="status">
          {trans.__('Reading values…')}
        </p>
      )}
      {model.valuesAreOld && (
        <p className="jp-dlkit-Note" role="status">
          {trans.__('The tensor changed since these values were read.')}
        </p>
      )}
      {values.slice && <SliceView slice={values.slice} trans={trans} />}
      {values.summary && <SummaryView summary={values.summary} trans={trans} />}
      {values.image && (
        <img
          className="jp-dlkit-Image"
          src={`data:${values.image.mime};base64,${values.image.data}`}
          alt={trans.__(
            '%1 as an image of %2 by %3 pixels',
            values.image.expression,
            values.image.width,
            values.image.height
          )}
          title={values.image.expression}
        />
      )}
    </section>
  );
}

/** Height × width, with 1, 3 or 4 channels first or last, and a batch before. */
function looksLikeImage({ shape, dtype, layout }: TensorDetail): boolean {
  if (
    shape === null ||
    shape.length < 2 ||
    shape.length > 4 ||
    (layout !== null && layout !== 'strided') ||
    (dtype ?? '').startsWith('complex')
  ) {
    return false;
  }
  const sizes = shape.map(size => size ?? 0);
  const isPlane = (height: number, width: number): boolean =>
    height >= 8 &&
    width >= 8 &&
    Math.max(height, width) / Math.min(height, width) <= 8;
  if (sizes.length === 2) {
    return isPlane(sizes[0], sizes[1]);
  }
  const [a, b, c] = sizes.slice(-3);
  const isChannels = (size: number): boolean => [1, 3, 4].includes(size);
  return (isChannels(a) && isPlane(b, c)) || (isChannels(c) && isPlane(a, b));
}
