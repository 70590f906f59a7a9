import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../kernel/random.ts';
import { liveRandom } from '../../kernel/live.ts';
import { writeDelivery } from './delivery.ts';
import {
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_METHOD,
  FrameError,
  frameOf,
  FrameParser,
} from './frames.ts';
import { OutputBuffer } from './output-buffer.ts';

const bodies = (parser: FrameParser, chunk: Buffer): string[] => {
  const seen: string[] = [];
  parser.push(chunk, ({ payload }) => seen.push(payload.toString()) > 0);
  return seen;
};

describe('the frame parser', () => {
  const seed = liveRandom.integer(1, 1_000_000);

  test(`finds the same frames however the stream is cut (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(random.integer(0, 40)));
    const stream = Buffer.concat(texts.map((text) => frameOf(FRAME_BODY, 1, Buffer.from(text))));
    const parser = new FrameParser(0);
    const seen: string[] = [];
    for (let at = 0; at < stream.length;) {
      const length = random.integer(1, 60);
      seen.push(...bodies(parser, stream.subarray(at, at + length)));
      at += length;
    }
    expect(seen).toEqual(texts);
  });

  test('refuses a frame over the limit as soon as its size is known', () => {
    const prefix = frameOf(FRAME_BODY, 1, Buffer.alloc(4_089)).subarray(0, 7);
    expect(() => bodies(new FrameParser(4_096), prefix)).toThrow(
      new FrameError('type 3, all octets = <<>>: {frame_too_large,4089,4088}'),
    );
  });

  test('refuses a frame that does not end as it should', () => {
    const frame = frameOf(FRAME_METHOD, 0, Buffer.from([1, 2]));
    frame[frame.length - 1] = 7;
    expect(() => bodies(new FrameParser(0), frame)).toThrow(
      new FrameError('type 1, all octets = <<1,2>>: {invalid_frame_end_marker,7}'),
    );
  });

  test('drops the rest when its reader has had enough', () => {
    const frame = frameOf(FRAME_BODY, 1, Buffer.from('x'));
    let taken = 0;
    new FrameParser(0).push(Buffer.concat([frame, frame]), () => ++taken < 1);
    expect(taken).toBe(1);
  });
});

describe('a delivery', () => {
  const delivery = (size: number): Parameters<typeof writeDelivery>[1] => ({
    channel: 7,
    consumerTag: Buffer.from([1, 0x74]),
    deliveryTag: 5_000_000_000,
    redelivered: true,
    address: Buffer.from([1, 0x78, 1, 0x6b]),
    content: { header: Buffer.from('header'), body: Buffer.alloc(size, 'b') },
  });

  test.each([
    [0, 4_096, []],
    [4_088, 4_096, [4_088]],
    [10_000, 4_096, [4_088, 4_088, 1_824]],
    [200_000, 0, [200_000]],
  ])('with a body of %i octets and frames of %i has body frames of %j', (size, frameMax, sizes) => {
    const out = new OutputBuffer();
    writeDelivery(out, delivery(size), frameMax);
    const frames: [number, number, number][] = [];
    const parser = new FrameParser(frameMax);
    for (const chunk of out.drain()) {
      parser.push(
        chunk,
        ({ type, channel, payload }) => frames.push([type, channel, payload.length]) > 0,
      );
    }
    expect(frames).toEqual([
      [FRAME_METHOD, 7, 4 + 2 + 8 + 1 + 4],
      [FRAME_HEADER, 7, 6],
      ...sizes.map((length) => [FRAME_BODY, 7, length]),
    ]);
  });

  test('never overwrites what was handed out before', () => {
    const out = new OutputBuffer();
    out.append(Buffer.from('first'));
    const [first] = out.drain();
    out.append(Buffer.alloc(70_000, 'x'));
    expect(first?.toString()).toBe('first');
    expect(out.length).toBe(70_000);
  });
});
