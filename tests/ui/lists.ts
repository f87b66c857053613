// Lists as a kernel would send them.
import type { Group, Tensor, TensorColumns } from '../../src/api/types';
import { emptyColumns } from '../../src/model/table';

/** A row with what matters to a test; the rest is that of a small tensor. */
export function row(part: Partial<Tensor> & { name: string }): Tensor {
  return {
    id: part.name,
    aliases: [],
    owner: 'variable',
    group: null,
    type: 'Tensor',
    shape: [2, 3],
    rank: 2,
    dtype: 'float32',
    device: 'cpu',
    layout: 'strided',
    numel: 6,
    bytes: 24,
    storage: { id: `s-${part.name}`, bytes: part.bytes ?? 24, shared_by: 0 },
    is_view: false,
    is_contiguous: true,
    strides: [3, 1],
    storage_offset: 0,
    requires_grad: false,
    is_leaf: true,
    grad_fn: null,
    version: 0,
    ...part
  };
}

/** The same rows as a list by columns. */
export function list(
  rows: readonly Tensor[],
  part: Partial<TensorColumns> = {}
): TensorColumns {
  const columns = emptyColumns();
  for (const { storage, ...flat } of rows) {
    for (const [field, value] of Object.entries(flat)) {
      (columns as unknown as Record<string, unknown[]>)[field].push(value);
    }
    columns.storage.id.push(storage?.id ?? null);
    columns.storage.bytes.push(storage?.bytes ?? null);
    columns.storage.shared_by.push(storage?.shared_by ?? null);
  }
  return {
    revision: 'e:1',
    full: true,
    groups: [],
    removed: [],
    total: rows.length,
    totals: {},
    kernel_state: 'idle',
    taken_at: '2026-01-01T00:00:00Z',
    gradients_taken_at: null,
    cost_ms: 1,
    complete: true,
    cut: [],
    columns,
    ...part
  };
}

export function group(name: string, kind: Group['kind'] = 'module'): Group {
  return { name, kind, type: 'Net' };
}

/** 50,000 tensors: variables, and modules of 100 parameters each. */
export function manyRows(count = 50_000): Tensor[] {
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? row({
          name: `variable_${i}`,
          bytes: (i * 7919) % 1_000_003,
          dtype: ['float32', 'int64', 'bool'][i % 3],
          device: i % 10 === 0 ? 'cuda:0' : 'cpu'
        })
      : row({
          name: `net${Math.floor(i / 200)}.layers[${i % 200}].weight`,
          group: `net${Math.floor(i / 200)}`,
          owner: 'parameter',
          bytes: (i * 104_729) % 1_000_003
        })
  );
}
