import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { parse } from 'ipaddr.js';

/**
 * What a name stands for: its addresses; one list after another, the last again and again; or no answer at all. Names that are not
 * there do not exist.
 */
export type Zone = Record<string, string[] | string[][] | 'silent'>;

export interface NameServer {
  resolver: Resolver;
  /** How often each name was asked for its IPv4 addresses. */
  asked: Map<string, number>;
  stop: () => void;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const ANSWER = 0x8180;
const NO_SUCH_NAME = 0x8183;

/** A real name server (RFC 1035) on a free UDP port, and a resolver that asks it. */
export async function startNameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked = new Map<string, number>();
  const counts = new Map<string, number>();
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    const key = `${name} ${type}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    if (type === TYPE_A) asked.set(name, count + 1);
    const scripted = zone[name];
    if (scripted === 'silent') return;
    const lists = (scripted ?? []).map((item) => (Array.isArray(item) ? item : null));
    const addresses = lists.every((list) => list === null)
      ? ((scripted ?? []) as string[])
      : (lists[Math.min(count, lists.length - 1)] ?? []);
    const records = addresses
      .filter((item) => isIPv4(item) === (type === TYPE_A))
      .map((item) => recordOf(item, type));
    const header = Buffer.alloc(HEADER_BYTES);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(scripted === undefined ? NO_SUCH_NAME : ANSWER, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return { resolver, asked, stop: () => void socket.close() };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordOf(address: string, type: number): Buffer {
  const data = Buffer.from(parse(address).toByteArray());
  // A pointer to the name of the question, the type, the class IN, no time to live, the length.
  const head = Buffer.from([
    0xc0,
    HEADER_BYTES,
    0,
    type === TYPE_A ? TYPE_A : TYPE_AAAA,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    data.length,
  ]);
  return Buffer.concat([head, data]);
}
