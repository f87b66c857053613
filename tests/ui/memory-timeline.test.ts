import type { TranslationBundle } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { PROCESS, timeline } from '../../src/memory/timeline';
import { cellLines, changeText, shareText } from '../../src/memory/words';
import { cell } from './accounts';

const trans = {
  __: (text: string, ...parts: unknown[]) =>
    text.replace(/%(\d)/g, (_, n: string) => String(parts[Number(n) - 1]))
} as unknown as TranslationBundle;

const sample = (time: number, bytes: number) => ({
  time,
  memory: 1000,
  devices: { 'cuda:0': bytes }
});

describe('cells along the time', () => {
  it('are as long as they took, and pauses between them are short', () => {
    const { spans, width } = timeline(
      [
        cell({ number: 1, seconds: 1 }),
        cell({ number: 2, seconds: 3 }),
        // An hour later.
        cell({
          number: 3,
          seconds: 1,
          started_at: new Date(3.6e6).toISOString()
        })
      ],
      null,
      [],
      500,
      50
    );
    const widths = spans.map(({ left, right }) => right - left);
    expect(widths[1] - widths[0]).toBeCloseTo(2 * (widths[0] - 10));
    expect(widths[2]).toBeCloseTo(widths[0]);
    expect(spans[2].left - spans[1].right).toBeLessThan(10);
    expect(width).toBe(500);
  });

  it('are never too short to be seen: many take more room', () => {
    const cells = Array.from({ length: 300 }, (_, i) =>
      cell({ number: i + 1, seconds: 0 })
    );
    const { spans, width } = timeline(cells, null, [], 300, 50);
    expect(width).toBeGreaterThan(300);
    spans.forEach(({ left, right }, i) => {
      expect(right - left).toBeGreaterThanOrEqual(10);
      expect(left).toBeGreaterThan(spans[i - 1]?.right ?? -1);
    });
  });

  it('reach as far as the last moment while they run', () => {
    const running = cell({ number: 2, state: 'running', seconds: 1 });
    const of = (until: number) =>
      timeline([cell({ seconds: 5 })], running, [sample(until, 5)], 300, 50)
        .spans[1];
    expect(of(25).isRunning).toBe(true);
    expect(of(60).right - of(60).left).toBeGreaterThan(
      of(25).right - of(25).left
    );
  });

  it('that overlap come one after the other', () => {
    const { spans } = timeline(
      [cell({ number: 1, seconds: 30 }), cell({ number: 2, seconds: 30 })],
      null,
      [],
      300,
      50
    );
    expect(spans[1].left).toBeGreaterThan(spans[0].right);
  });
});

describe('a device along the time', () => {
  it('goes from what was before to what was after, by the moments between', () => {
    const { lanes, spans } = timeline(
      [cell()],
      null,
      [sample(10.5, 75)],
      300,
      52
    );
    const [lane] = lanes;
    // To scale: 150 bytes, the peak, are 50 pixels.
    expect(lane).toMatchObject({ device: 'cuda:0', most: 150 });
    expect(lane.points.map(([, y]) => Math.round(y))).toEqual([52, 27, 19]);
    expect(lane.points[1][0]).toBeCloseTo((spans[0].left + spans[0].right) / 2);
    expect(lane.peaks).toEqual([
      { left: spans[0].left, right: spans[0].right, y: 2 }
    ]);
  });

  it('has no peak drawn where it is only a bound', () => {
    const [device] = Object.values(cell().devices);
    const bound = { ...device, peak: 9e9, peak_is_exact: false };
    const { lanes } = timeline(
      [cell({ devices: { 'cuda:0': bound } })],
      null,
      [],
      300,
      50
    );
    expect(lanes[0]).toMatchObject({ peaks: [], most: 100 });
  });

  it('is left out where nothing ever was, and the process comes last', () => {
    const { lanes } = timeline(
      [cell()],
      null,
      [{ time: 10, memory: 5, devices: { 'cuda:0': 1, 'cuda:1': 0 } }],
      300,
      50
    );
    expect(lanes.map(lane => lane.device)).toEqual(['cuda:0', PROCESS]);
  });
});

describe('a cell in words', () => {
  it('says what it took, changed, and brought', () => {
    expect(
      cellLines(
        cell({ number: 7, seconds: 3.4, appeared: ['model', 'x'] }),
        false,
        trans
      )
    ).toEqual([
      'Cell [7] took 3.4 s.',
      'cuda:0: +100 B, peak 150 B.',
      'RAM of the process: ±0.',
      'New: model, x.'
    ]);
  });

  it('says at most where a peak is not exact', () => {
    const [device] = Object.values(cell().devices);
    const lines = (part: object) =>
      cellLines(
        cell({ devices: { 'cuda:0': { ...device, ...part } } }),
        false,
        trans
      )[1];
    expect(lines({ peak_is_exact: false, peak_meaning: 'at most' })).toBe(
      'cuda:0: +100 B, peak at most 150 B.'
    );
    expect(lines({ peak_is_exact: false, peak_meaning: 'at least' })).toBe(
      'cuda:0: +100 B, peak at least 150 B.'
    );
    expect(lines({ peak: null })).toBe('cuda:0: +100 B.');
  });

  it('says how it ended', () => {
    const first = (part: object, isRunning = false) =>
      cellLines(cell(part), isRunning, trans)[0];
    expect(first({ state: 'failed', error: 'OutOfMemoryError' })).toBe(
      'Cell [1] failed after 1.0 s (OutOfMemoryError).'
    );
    expect(first({ state: 'interrupted' })).toContain('was interrupted');
    expect(first({ state: 'running' }, true)).toContain('so far');
  });

  it('has signs and shares that can be read', () => {
    expect([1024, -1024, 0, null].map(changeText)).toEqual([
      '+1 KiB',
      '−1 KiB',
      '±0',
      '–'
    ]);
    expect([1, 23, 500, 1000].map(part => shareText(part, 1000))).toEqual([
      '0.1 %',
      '2.3 %',
      '50 %',
      '100 %'
    ]);
    expect(shareText(1, 1e9)).toBe('<0.1 %');
    expect(shareText(1, 0)).toBe('–');
  });
});
