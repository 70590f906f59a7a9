/** Looking into frames: which method it is, its arguments, and whom to blame when it fails. */
import { ByteReader, DecodeError } from './codec/byte-reader.ts';
import {
  erlangBinary,
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_METHOD,
  type Frame,
} from './codec/frames.ts';
import { decodeArguments } from './codec/method-codec.ts';
import { methodNamed, METHODS, type MethodArgs, type MethodName } from './codec/methods.ts';
import { ProtocolError } from './errors.ts';

/** Class and method id as close methods name the culprit; 0.0 = no method. */
export interface MethodId {
  readonly classId: number;
  readonly methodId: number;
}

export const NO_METHOD: MethodId = { classId: 0, methodId: 0 };
const PUBLISH = METHODS['basic.publish'];
const PUBLISH_ID = PUBLISH.classId * 0x1_0000 + PUBLISH.methodId;

/** The method of a frame; its content counts as the publish it belongs to. */
export function culpritOf({ type, payload }: Frame): MethodId {
  if (type === FRAME_BODY || type === FRAME_HEADER) return PUBLISH;
  if (type !== FRAME_METHOD || payload.length < 4) return NO_METHOD;
  return { classId: payload.readUInt16BE(0), methodId: payload.readUInt16BE(2) };
}

/** Recognises the hot method without a look-up. */
export function isPublish(payload: Buffer): boolean {
  return payload.length >= 4 && payload.readUInt32BE(0) === PUBLISH_ID;
}

/** @throws ProtocolError 540 for ids that are no method, 501 when there are none */
export function readMethodName(payload: Buffer): MethodName {
  const reader = new ByteReader(payload);
  const [classId, methodId] = [reader.short(), reader.short()];
  const name = methodNamed(classId, methodId);
  if (name !== undefined) return name;
  throw new ProtocolError('not-implemented', `unknown method ${classId}.${methodId}`);
}

/** @throws DecodeError */
export function readArguments<Name extends MethodName>(
  name: Name,
  payload: Buffer,
): MethodArgs<Name> {
  return decodeArguments(name, new ByteReader(payload, 4));
}

export function unknownFrame({ type, payload }: Frame): ProtocolError {
  const text = `type ${type}, all octets = ${erlangBinary(payload)}: unknown_frame`;
  return new ProtocolError('frame-error', text, { culprit: NO_METHOD });
}

/** What a client is told about anything that was thrown while its frame was handled. */
export function toProtocolError(error: unknown, { payload }: Frame): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (error instanceof DecodeError) {
    const text = `cannot decode ${erlangBinary(payload.subarray(4))}`;
    return new ProtocolError('frame-error', text);
  }
  return new ProtocolError('internal-error', 'the broker failed; its log says more');
}
