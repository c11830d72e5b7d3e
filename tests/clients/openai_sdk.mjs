// OpenAI's SDK for Node, unchanged but for its base URL: every test for each of the four providers and both base URLs.
// Run by node's own test runner; SMG_BINARY names the program, SMG_CLIENTS the folder where tests/clients/setup put node_modules.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import readline from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';

const OpenAI = createRequire(join(process.env.SMG_CLIENTS, 'package.json'))('openai');

const MODELS = {
    openai: 'gpt-4o',
    anthropic: 'claude-sonnet-4-20250514',
    xai: 'grok-4',
    gemini: 'gemini-2.5-flash',
};
const PROMPT = 'Tell me about the sea.';
const PARALLEL_PROMPT = 'In parallel: what is the weather in Oslo and Rome?';
const WEATHER_TOOL = {
    type: 'function',
    function: {
        name: 'get_weather',
        description: 'The weather in a city',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
};
const MEETING = {
    type: 'json_schema',
    json_schema: {
        name: 'meeting',
        strict: true,
        schema: {
            type: 'object',
            properties: { title: { type: 'string' }, minutes: { type: 'integer' } },
            required: ['title', 'minutes'],
            additionalProperties: false,
        },
    },
};

let smg;
let url;

// The environment without provider keys, settings of the gateway and proxies.
function environment() {
    const kept = Object.entries(process.env).filter(([name]) => !/^SMG_|_proxy$|_api_keys?$/i.test(name));
    return Object.fromEntries(kept);
}

before(async () => {
    const log = [];
    smg = spawn(process.env.SMG_BINARY, ['demo', '--port', '0', '--prometheus-port', '0'], { env: environment() });
    smg.stderr.on('data', (bytes) => log.push(bytes));
    url = await new Promise((resolve, reject) => {
        readline.createInterface({ input: smg.stdout }).on('line', (line) => {
            if (line.startsWith('smg: listening on ')) resolve(line.slice('smg: listening on '.length).replace(/\/$/, ''));
        });
        smg.once('error', reject);
        smg.once('exit', (status) => reject(new Error(`smg ended with ${status} before it listened: ${Buffer.concat(log)}`)));
    });
}, { timeout: 60_000 });

after(async () => {
    if (smg.exitCode === null) {
        const ended = new Promise((resolve) => smg.once('exit', resolve));
        smg.kill('SIGTERM');
        assert.equal(await ended, 0);
    }
}, { timeout: 30_000 });

const outcomes = new Map();

// A test of one feature, which counts towards its cell in docs/compatibility.md.
function check(provider, feature, name, run) {
    test(name, { timeout: 60_000 }, async () => {
        const key = JSON.stringify({ client: 'OpenAI Node', provider, feature });
        const before = outcomes.get(key) ?? true;
        outcomes.set(key, false);
        await run();
        outcomes.set(key, before);
    });
}

after(() => {
    const target = process.env.SMG_CLIENT_RESULTS;
    if (!target) return;
    const rows = [...outcomes].map(([key, works]) => ({ ...JSON.parse(key), works }));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, JSON.stringify(rows, null, 1) + '\n');
});

const user = (content) => ({ role: 'user', content });

async function chunksOf(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}

const textOf = (chunks) => chunks.map((c) => c.choices[0]?.delta.content ?? '').join('');
const finishOf = (chunks) => chunks.map((c) => c.choices[0]?.finish_reason).filter(Boolean);

function callsOf(chunks) {
    const calls = [];
    for (const delta of chunks.flatMap((c) => c.choices[0]?.delta.tool_calls ?? [])) {
        const call = (calls[delta.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
        call.id += delta.id ?? '';
        call.function.name += delta.function?.name ?? '';
        call.function.arguments += delta.function?.arguments ?? '';
    }
    return calls;
}

function checkCalls(calls) {
    assert.deepEqual(calls.map((c) => c.function.name), ['get_weather', 'get_weather']);
    assert.deepEqual(calls.map((c) => JSON.parse(c.function.arguments).city), ['Oslo', 'Rome']);
    assert.notEqual(calls[0].id, calls[1].id);
}

const resultsOf = (calls) =>
    calls.map((c) => ({ role: 'tool', tool_call_id: c.id, content: `18 degrees in ${JSON.parse(c.function.arguments).city}` }));

// A picture of one red dot.
function png() {
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

for (const base of ['/v1', '']) {
    const client = () => new OpenAI({ baseURL: url + base, apiKey: 'unused', maxRetries: 0, timeout: 30_000 });

    for (const [provider, model] of Object.entries(MODELS)) {
        describe(`${provider} at base URL ending in '${base}'`, () => {
            check(provider, 'chat', 'chat', async () => {
                const { data, response } = await client().chat.completions.create({ model, messages: [user(PROMPT)] }).withResponse();
                assert.equal(response.headers.get('x-smg-provider'), provider);
                assert.equal(data.object, 'chat.completion');
                assert.equal(data.choices[0].finish_reason, 'stop');
                assert.ok(data.choices[0].message.content.endsWith(`(simulated). You said: ${PROMPT}`));
                assert.ok(data.usage.prompt_tokens > 0 && data.usage.completion_tokens > 0);
            });

            check(provider, 'stream', 'a stream says what the whole answer says', async () => {
                const sdk = client();
                const whole = await sdk.chat.completions.create({ model, messages: [user(PROMPT)] });
                const chunks = await chunksOf(await sdk.chat.completions.create({ model, messages: [user(PROMPT)], stream: true }));
                assert.equal(textOf(chunks), whole.choices[0].message.content);
                assert.deepEqual(finishOf(chunks), ['stop']);
                assert.ok(chunks.every((c) => !c.usage && c.choices.length === 1));
            });

            check(provider, 'stream', "the SDK's stream helper", async () => {
                const runner = client().chat.completions.stream({ model, messages: [user(PROMPT)] });
                let deltas = '';
                runner.on('content', (delta) => (deltas += delta));
                const final = await runner.finalChatCompletion();
                assert.equal(final.choices[0].message.content, deltas);
                assert.ok(deltas.endsWith(PROMPT));
            });

            check(provider, 'stream usage', 'a stream ends with usage when asked', async () => {
                const stream = await client().chat.completions.create({
                    model, messages: [user(PROMPT)], stream: true, stream_options: { include_usage: true },
                });
                const chunks = await chunksOf(stream);
                const last = chunks.pop();
                assert.deepEqual(last.choices, []);
                assert.ok(last.usage.prompt_tokens > 0 && last.usage.completion_tokens > 0);
                assert.ok(chunks.every((c) => !c.usage));
            });

            check(provider, 'tools', 'a tool round trip with parallel calls', async () => {
                const sdk = client();
                const asked = { model, messages: [user(PARALLEL_PROMPT)], tools: [WEATHER_TOOL] };
                const { choices: [{ message, finish_reason }] } = await sdk.chat.completions.create(asked);
                assert.equal(finish_reason, 'tool_calls');
                checkCalls(message.tool_calls);
                const messages = [...asked.messages, message, ...resultsOf(message.tool_calls)];
                const answer = await sdk.chat.completions.create({ ...asked, messages });
                assert.equal(answer.choices[0].finish_reason, 'stop');
                assert.match(answer.choices[0].message.content, /18 degrees in Oslo.*18 degrees in Rome/);
            });

            check(provider, 'stream tools', 'the same, streamed', async () => {
                const sdk = client();
                const asked = { model, messages: [user(PARALLEL_PROMPT)], tools: [WEATHER_TOOL], stream: true };
                const chunks = await chunksOf(await sdk.chat.completions.create(asked));
                const calls = callsOf(chunks);
                assert.deepEqual(finishOf(chunks), ['tool_calls']);
                checkCalls(calls);
                const messages = [...asked.messages, { role: 'assistant', content: textOf(chunks) || null, tool_calls: calls }, ...resultsOf(calls)];
                const answer = await chunksOf(await sdk.chat.completions.create({ ...asked, messages }));
                assert.match(textOf(answer), /18 degrees in Oslo.*18 degrees in Rome/);
            });

            check(provider, 'tools', "the SDK's tool runner calls a function and gives back its result", async () => {
                const asked = [];
                const runner = client().chat.completions.runTools({
                    model,
                    messages: [user('What is the weather in Oslo?')],
                    tools: [{
                        type: 'function',
                        function: {
                            ...WEATHER_TOOL.function,
                            parse: JSON.parse,
                            function: ({ city }) => {
                                asked.push(city);
                                return `3 degrees in ${city}`;
                            },
                        },
                    }],
                });
                assert.match(await runner.finalContent(), /3 degrees in Oslo/);
                assert.deepEqual(asked, ['Oslo']);
            });

            check(provider, 'image', 'an image', async () => {
                const picture = png();
                const image_url = { url: `data:image/png;base64,${picture.toString('base64')}` };
                const answer = await client().chat.completions.create({
                    model, messages: [user([{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url }])],
                });
                assert.ok(answer.choices[0].message.content.includes(`an image (image/png, ${picture.length} bytes)`));
            });

            check(provider, 'structured output', 'structured output', async () => {
                const asked = { model, messages: [user('Plan a meeting.')], response_format: MEETING };
                const { choices: [{ message }] } = await client().chat.completions.parse(asked);
                assert.equal(typeof message.parsed.title, 'string');
                assert.ok(Number.isInteger(message.parsed.minutes));
                const chunks = await chunksOf(await client().chat.completions.create({ ...asked, stream: true }));
                assert.deepEqual(JSON.parse(textOf(chunks)), message.parsed);
            });

            check(provider, 'errors', 'errors are the classes that the SDK names', async () => {
                const sdk = client();
                await assert.rejects(sdk.chat.completions.create({ model, messages: [] }), OpenAI.BadRequestError);
                await assert.rejects(sdk.chat.completions.create({ model, messages: [], stream: true }), OpenAI.BadRequestError);
                await assert.rejects(sdk.chat.completions.create({ model: `no-such-${model}`, messages: [user(PROMPT)] }), (error) => {
                    assert.ok(error instanceof OpenAI.NotFoundError);
                    assert.equal(error.code, 'model_not_found');
                    return true;
                });
            });

            check(provider, 'cancel', 'a client that leaves does no harm', async () => {
                const sdk = client();
                const stream = await sdk.chat.completions.create({ model, messages: [user('simulate:slow simulate:tokens=500')], stream: true });
                for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
                const answer = await sdk.chat.completions.create({ model, messages: [user(PROMPT)] });
                assert.equal(answer.choices[0].finish_reason, 'stop');
            });
        });
    }

    test(`the list of models at base URL ending in '${base}'`, { timeout: 60_000 }, async () => {
        const ids = [];
        for await (const model of client().models.list()) ids.push(model.id);
        for (const model of Object.values(MODELS)) assert.ok(ids.includes(model), `${model} is listed`);
    });
}
