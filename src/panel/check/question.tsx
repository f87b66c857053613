import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { CheckModel } from '../../model/check/model';
import {
  fewest,
  operandName,
  OPERATIONS,
  operationOf
} from '../../model/check/operations';
import type { Family, IArgument } from '../../model/check/operations';
import type { TensorsModel } from '../../model/tensors';
import { useAtOnce } from '../signals';
import { familyTitle, operationTitle } from './words';

/** Code, and the same in every language. */
const EXAMPLE = 'x @ w + b';

/** Names that are offered while one types. */
const OFFERED = 100;

interface IProps {
  model: CheckModel;
  tensors: TensorsModel;
  trans: TranslationBundle;
}

/** What is to be checked: an operation and its operands, or an expression. */
export function Question(props: IProps): React.JSX.Element {
  const { model, trans } = props;
  const { question } = model;
  const atOnce = useAtOnce();
  const kinds = {
    operation: trans.__('Operation'),
    expression: trans.__('Expression')
  };
  const name = React.useId();
  return (
    <div className="jp-dlkit-Question">
      <div
        className="jp-dlkit-Question-kinds"
        role="radiogroup"
        aria-label={trans.__('What to check')}
      >
        {(['operation', 'expression'] as const).map(kind => (
          <label key={kind}>
            <input
              type="radio"
              name={name}
              checked={question.kind === kind}
              onChange={() => atOnce(() => model.change({ kind }))}
            />
            {kinds[kind]}
          </label>
        ))}
      </div>
      {question.kind === 'expression' ? (
        <input
          type="text"
          className="jp-dlkit-Input"
          aria-label={trans.__('Expression')}
          placeholder={EXAMPLE}
          title={trans.__('It is parsed, and never evaluated.')}
          spellCheck={false}
          value={question.source}
          onChange={event =>
            atOnce(() => model.change({ source: event.target.value }))
          }
        />
      ) : (
        <Operation {...props} />
      )}
    </div>
  );
}

function Operation({ model, tensors, trans }: IProps): React.JSX.Element {
  const { question } = model;
  const atOnce = useAtOnce();
  const operation = operationOf(question.operation);
  const families = Array.from(new Set(OPERATIONS.map(one => one.family)));
  const count = operation.isMany
    ? question.operands.length
    : operation.operands.length;
  return (
    <>
      <div className="jp-dlkit-Question-operation">
        <select
          className="jp-dlkit-Filter"
          aria-label={trans.__('Operation')}
          value={operation.name}
          onChange={event => atOnce(() => model.pick(event.target.value))}
        >
          {families.map((family: Family) => (
            <optgroup key={family} label={familyTitle(family, trans)}>
              {OPERATIONS.filter(one => one.family === family).map(one => (
                <option key={one.name} value={one.name}>
                  {operationTitle(one)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        {operation.args.map(argument => (
          <Argument
            key={`${operation.name} ${argument.name}`}
            argument={argument}
            value={question.args[argument.name] ?? argument.preset}
            onChange={value =>
              atOnce(() =>
                model.change({
                  args: { ...question.args, [argument.name]: value }
                })
              )
            }
          />
        ))}
      </div>
      {Array.from({ length: count }, (_, i) => (
        <Operand
          key={i}
          label={
            !operation.isMany && i >= fewest(operation)
              ? trans.__('%1 (optional)', operandName(operation, i))
              : operandName(operation, i)
          }
          value={question.operands[i] ?? ''}
          tensors={tensors}
          onChange={typed => atOnce(() => model.setOperand(i, typed))}
          onRemove={
            operation.isMany && count > 1
              ? () => model.removeOperand(i)
              : undefined
          }
          trans={trans}
        />
      ))}
      {operation.isMany && (
        <button
          type="button"
          className="jp-dlkit-Link"
          onClick={() => model.addOperand()}
        >
          {trans.__('Add an operand')}
        </button>
      )}
    </>
  );
}

function Argument(props: {
  argument: IArgument;
  value: string;
  onChange: (value: string) => void;
}): React.JSX.Element {
  const { argument, value, onChange } = props;
  return (
    <label className="jp-dlkit-Question-argument">
      {argument.name}
      <input
        type="text"
        className="jp-dlkit-Input"
        data-kind={argument.kind}
        spellCheck={false}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    </label>
  );
}

/** One operand: a name that is offered, or a shape that is typed. */
function Operand(props: {
  label: string;
  value: string;
  tensors: TensorsModel;
  onChange: (typed: string) => void;
  onRemove?: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { label, value, tensors, onChange, onRemove, trans } = props;
  const list = React.useId();
  const [isHere, setIsHere] = React.useState(false);
  return (
    <div className="jp-dlkit-Question-operand">
      <label>
        <span>{label}</span>
        <input
          type="text"
          className="jp-dlkit-Input"
          list={list}
          placeholder={trans.__('x or (8, 1, 6, 1)')}
          title={trans.__(
            'The name of a tensor, a shape such as (8, 1) or (8, 1) float64 cuda:0, or a number. A line of the table can be dropped here.'
          )}
          spellCheck={false}
          autoComplete="off"
          value={value}
          onFocus={() => setIsHere(true)}
          onBlur={() => setIsHere(false)}
          onChange={event => onChange(event.target.value)}
          onDragOver={event => event.preventDefault()}
          onDrop={event => {
            const dropped = event.dataTransfer.getData('text/plain');
            if (dropped !== '') {
              // In the place of what is there, and not in its middle.
              event.preventDefault();
              onChange(dropped);
            }
          }}
        />
      </label>
      {isHere && (
        <datalist id={list}>
          {offered(tensors, value).map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      {onRemove !== undefined && (
        <button
          type="button"
          className="jp-dlkit-Tool"
          aria-label={trans.__('Remove %1', label)}
          title={trans.__('Remove')}
          onClick={onRemove}
        >
          <closeIcon.react tag="span" width="12px" height="12px" />
        </button>
      )}
    </div>
  );
}

/** Names of tensors that have what was typed in them, those that begin so first. */
function offered({ table }: TensorsModel, typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  const found = table.columns.name.filter(name =>
    name.toLowerCase().includes(wanted)
  );
  const begins = (name: string): number =>
    name.toLowerCase().startsWith(wanted) ? 0 : 1;
  return Array.from(new Set(found))
    .sort((a, b) => begins(a) - begins(b) || a.length - b.length)
    .slice(0, OFFERED);
}
