// What the tests of the Node clients share: a running `smg demo`, the models, what is asked, and the record of what worked.
// SMG_BINARY names the program, SMG_CLIENTS the folder where tests/clients/setup put node_modules.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';

export const installed = createRequire(resolve(process.env.SMG_CLIENTS, 'package.json'));

export const MODELS = {
    openai: 'gpt-4o',
    anthropic: 'claude-sonnet-4-20250514',
    xai: 'grok-4',
    gemini: 'gemini-2.5-flash',
};
// Where the first of each provider cannot: models that show their thoughts, and that keep to a schema.
export const THINKING = { ...MODELS, openai: 'o4-mini', xai: 'grok-3-mini' };
export const STRUCTURED = { ...MODELS, anthropic: 'claude-sonnet-4-5' };
export const EMBEDDING = { openai: 'text-embedding-3-small', gemini: 'gemini-embedding-001' };
export const NAMES = { openai: 'OpenAI', anthropic: 'Anthropic', xai: 'xAI', gemini: 'Gemini' };

export const PROMPT = 'Tell me about the sea.';
export const LONG_TEXT = PROMPT.repeat(600); // beyond the least that each provider's prompt cache keeps
export const STRICT = { 'x-smg-strict-params': 'true' };
export const PARALLEL_PROMPT = 'In parallel: what is the weather in Oslo and Rome?';
export const SCHEMA_PROMPT = 'Plan a meeting.';
export const WEATHER_SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
export const MEETING_SCHEMA = {
    type: 'object',
    properties: { title: { type: 'string' }, minutes: { type: 'integer' } },
    required: ['title', 'minutes'],
    additionalProperties: false,
};

const gaps = JSON.parse(readFileSync(new URL('gaps.json', import.meta.url)));

// What a provider does not have, by the list of reasons.
export const lacks = (provider, feature) => gaps.some((gap) => gap.feature === feature && gap.providers.includes(provider));

// The environment without provider keys, settings of the gateway and proxies.
function environment() {
    const kept = Object.entries(process.env).filter(([name]) => !/^SMG_|_proxy$|_api_keys?$/i.test(name));
    return Object.fromEntries(kept);
}

// A gateway of its own while the tests of this file run; a function that tells its base URL, from the first test on. A hook that wants it earlier
// awaits the function's `started`: hooks do not wait for each other.
export function running(...flags) {
    let smg;
    let url;
    let tellStarted;
    const started = new Promise((resolve) => (tellStarted = resolve));
    before(async () => {
        const log = [];
        smg = spawn(process.env.SMG_BINARY, [...flags, '--port', '0', '--prometheus-port', '0'], { env: environment() });
        smg.stderr.on('data', (bytes) => log.push(bytes));
        url = await new Promise((resolve, reject) => {
            readline.createInterface({ input: smg.stdout }).on('line', (line) => {
                if (line.startsWith('smg: listening on ')) resolve(line.slice('smg: listening on '.length).replace(/\/$/, ''));
            });
            smg.once('error', reject);
            smg.once('exit', (status) => reject(new Error(`smg ended with ${status} before it listened: ${Buffer.concat(log)}`)));
        });
        // Nothing of what is installed finds a provider's key or a proxy.
        for (const name of Object.keys(process.env)) if (/_proxy$|_api_keys?$/i.test(name)) delete process.env[name];
        tellStarted();
    }, { timeout: 60_000 });

    after(async () => {
        if (smg.exitCode === null) {
            const ended = new Promise((resolve) => smg.once('exit', resolve));
            smg.kill('SIGTERM');
            assert.equal(await ended, 0);
        }
    }, { timeout: 30_000 });
    return Object.assign(() => url, { started });
}

// In front of the four simulated providers.
export const gateway = running('demo');

// Adds a worker with a stored key, and waits until it is registered.
export async function register(url, provider, worker, more) {
    const keys = {
        openai: 'sk-proj-a-stored-key', anthropic: 'sk-ant-api03-a-stored-key', xai: 'xai-a-stored-key', gemini: 'AIzaSyA-stored-key-0123456789',
    };
    const answer = await fetch(`${url}/workers?wait=20`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url: worker, provider, name: provider, api_key: keys[provider], runtime_type: 'external', ...more }),
    });
    assert.equal((await answer.json()).status, 'ready');
}

const outcomes = new Map();

// A test of one feature of a client, which counts towards its cell in docs/compatibility.md.
export function check(client, provider, feature, name, run) {
    test(name, { timeout: 60_000 }, async () => {
        const key = JSON.stringify({ client, provider, feature });
        const outcome = outcomes.get(key) ?? { tests: 0, passed: 0 };
        outcomes.set(key, outcome);
        outcome.tests += 1;
        await run();
        outcome.passed += 1;
    });
}

after(() => {
    const target = process.env.SMG_CLIENT_RESULTS;
    if (!target) return;
    const rows = [...outcomes].map(([key, { tests, passed }]) => ({ ...JSON.parse(key), works: passed === tests, tests }));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, JSON.stringify(rows, null, 1) + '\n');
});

// The names of the parameters that the gateway left out or changed.
export const adjusted = (headers) => (headers.get('x-smg-adjusted-params') ?? '').split(',').filter(Boolean).sort();

// Streams that are silent for longer than a gateway lets a connection be that keeps it alive after a second.
export const KEEP_ALIVE = ['--sse-keepalive-secs', '1'];
export const SILENT_PROMPT = `simulate:chunks=2,interval=1300 ${PROMPT}`;

// The bytes of a stream, as text.
export async function rawStream(url, body) {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    assert.equal(answer.status, 200);
    return answer.text();
}

export async function all(stream) {
    const items = [];
    for await (const item of await stream) items.push(item);
    return items;
}

// A picture of one red dot.
export function png() {
    const table = Array.from({ length: 256 }, (_, n) => {
        for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
        return n >>> 0;
    });
    const chunk = (kind, data) => {
        const body = Buffer.concat([Buffer.from(kind), data]);
        const out = Buffer.alloc(body.length + 8);
        out.writeUInt32BE(data.length, 0);
        body.copy(out, 4);
        out.writeUInt32BE((body.reduce((crc, byte) => table[(crc ^ byte) & 255] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0, body.length + 4);
        return out;
    };
    const head = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const pixels = chunk('IDAT', deflateSync(Buffer.from([0, 255, 0, 0])));
    return Buffer.concat([signature, chunk('IHDR', head), pixels, chunk('IEND', Buffer.alloc(0))]);
}
