// OpenAI's SDK for Node, unchanged but for its base URL: every test for each of the four providers and both base URLs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as shared from './gateway.mjs';
import {
    EMBEDDING, KEEP_ALIVE, LONG_TEXT, MEETING_SCHEMA, MODELS, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, SILENT_PROMPT, STRICT, THINKING, WEATHER_SCHEMA,
    adjusted, gateway, lacks, png, rawStream, running,
} from './gateway.mjs';
import { refusing } from './refusing.mjs';

const OpenAI = shared.installed('openai');
const FUNCTION = { name: 'get_weather', description: 'The weather in a city', parameters: WEATHER_SCHEMA };
const WEATHER_TOOL = { type: 'function', function: FUNCTION };
const MEETING = { type: 'json_schema', json_schema: { name: 'meeting', strict: true, schema: MEETING_SCHEMA } };

const check = (...rest) => shared.check('OpenAI Node', ...rest);
const chunksOf = shared.all;

const breaking = running('demo'); // what is learnt about a worker that fails stays with its gateway
const silent = running('demo', ...KEEP_ALIVE);
const mocked = refusing();

const user = (content) => ({ role: 'user', content });

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

const clientOf = (url, more) => new OpenAI({ baseURL: url, apiKey: 'unused', maxRetries: 0, timeout: 30_000, ...more });

for (const base of ['/v1', '']) {
    const client = () => clientOf(gateway() + base);

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

            check(provider, 'conversation', 'a conversation with a system message', async () => {
                const parts = [{ type: 'text', text: 'How are ' }, { type: 'text', text: 'you?' }];
                const system = { role: 'system', content: 'Answer briefly.' };
                const messages = [system, user('Hello'), { role: 'assistant', content: 'Hello!' }, user(parts)];
                const answer = await client().chat.completions.create({ model, messages, temperature: 0.7, max_completion_tokens: 500 });
                assert.match(answer.choices[0].message.content, /you\?/);
                assert.equal(answer.choices[0].finish_reason, 'stop');
            });

            check(provider, 'limits', 'a limit of tokens', async () => {
                const answer = await client().chat.completions.create({ model, messages: [user('simulate:tokens=400')], max_tokens: 20 });
                assert.equal(answer.choices[0].finish_reason, 'length');
                assert.ok(answer.usage.completion_tokens >= 1);
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

            check(provider, 'tool choice', 'none, required and a named tool', async () => {
                for (const tool_choice of ['none', 'required', { type: 'function', function: { name: 'get_weather' } }]) {
                    const asked = user(tool_choice === 'none' ? 'The weather in Oslo?' : PROMPT);
                    const { choices } = await client().chat.completions.create({ model, messages: [asked], tools: [WEATHER_TOOL], tool_choice });
                    const names = (choices[0].message.tool_calls ?? []).map((call) => call.function.name);
                    assert.deepEqual(names, tool_choice === 'none' ? [] : ['get_weather']);
                }
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
                const asked = { model, messages: [user(SCHEMA_PROMPT)], response_format: MEETING };
                const { choices: [{ message }] } = await client().chat.completions.parse(asked);
                assert.equal(typeof message.parsed.title, 'string');
                assert.ok(Number.isInteger(message.parsed.minutes));
                const chunks = await chunksOf(await client().chat.completions.create({ ...asked, stream: true }));
                assert.deepEqual(JSON.parse(textOf(chunks)), message.parsed);
            });

            check(provider, 'prompt cache', 'tokens from the prompt cache', async () => {
                const mark = provider === 'anthropic' ? { cache_control: { type: 'ephemeral' } } : {};
                const messages = [{ role: 'system', content: [{ type: 'text', text: LONG_TEXT, ...mark }] }, user('Hello')];
                const first = await client().chat.completions.create({ model, messages });
                assert.equal(first.usage.prompt_tokens_details?.cached_tokens ?? 0, 0);
                if (provider === 'anthropic') assert.ok(first.usage.prompt_tokens_details.cache_write_tokens > 0);
                messages.push(first.choices[0].message, user(PROMPT));
                const { usage } = await client().chat.completions.create({ model, messages });
                const stream = await client().chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
                const streamed = (await chunksOf(stream)).at(-1).usage;
                assert.ok(usage.prompt_tokens_details.cached_tokens > 0 && usage.prompt_tokens_details.cached_tokens < usage.prompt_tokens);
                assert.equal(streamed.prompt_tokens_details.cached_tokens, usage.prompt_tokens_details.cached_tokens);
            });

            check(provider, 'adjusted parameters', 'parameters that another API does not have', async () => {
                const asked = { model, messages: [user(PROMPT)], seed: 7, logit_bias: { 50256: -100 } };
                const leftOut = { anthropic: ['logit_bias', 'seed'], gemini: ['logit_bias'] }[provider] ?? [];
                const { response } = await client().chat.completions.create(asked).withResponse();
                assert.deepEqual(adjusted(response.headers), leftOut);
                const strictly = client().chat.completions.create(asked, { headers: STRICT });
                if (leftOut.length === 0) assert.equal((await strictly).choices[0].finish_reason, 'stop');
                else await assert.rejects(strictly, (error) => error instanceof OpenAI.BadRequestError && leftOut.includes(error.param));
            });

            check(provider, 'reasoning', 'reasoning, whole and streamed', async () => {
                const asked = { model: THINKING[provider], messages: [user(PROMPT)], reasoning_effort: 'high', max_completion_tokens: 30_000 };
                const { choices: [{ message }], usage } = await client().chat.completions.create(asked);
                const chunks = await chunksOf(await client().chat.completions.create({ ...asked, stream: true }));
                assert.equal(textOf(chunks), message.content);
                if (provider !== 'anthropic') assert.ok(usage.completion_tokens_details.reasoning_tokens > 0); // the simulated one counts no thoughts
                const thoughts = chunks.map((c) => c.choices[0]?.delta.reasoning_content ?? '').join('');
                assert.equal(thoughts, message.reasoning_content ?? '');
                assert.equal(thoughts !== '', provider !== 'openai'); // which keeps its text to itself
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

            check(provider, 'embeddings', 'embeddings', async () => {
                const sdk = client();
                const asked = { model: EMBEDDING[provider] ?? model, input: ['One', 'Two'], dimensions: 8 };
                if (lacks(provider, 'embeddings')) return assert.rejects(sdk.embeddings.create(asked), OpenAI.APIError);
                const { data } = await sdk.embeddings.create(asked);  // which asks for base64, and unpacks it
                assert.deepEqual(data.map((each) => each.embedding.length), [8, 8]);
                assert.ok(data.every((each) => each.embedding.every(Number.isFinite)));
                const floats = await sdk.embeddings.create({ ...asked, encoding_format: 'float' });
                assert.ok(floats.data[1].embedding.every((value, i) => Math.abs(value - data[1].embedding[i]) < 1e-6));
                assert.notDeepEqual(data[0].embedding, data[1].embedding);
            });
        });
    }

    test(`the list of models at base URL ending in '${base}'`, { timeout: 60_000 }, async () => {
        const ids = [];
        for await (const model of client().models.list()) ids.push(model.id);
        for (const model of Object.values(MODELS)) assert.ok(ids.includes(model), `${model} is listed`);
    });
}

describe('when something goes wrong or takes long', { concurrency: true }, () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        for (const fault of ['cut', 'error-event']) {
            check(provider, 'stream errors', `${provider}: a stream that breaks off (${fault}) is an error`, async () => {
                const chunks = [];
                const messages = [user(`simulate:${fault} ${PROMPT}`)];
                await assert.rejects(async () => {
                    for await (const chunk of await clientOf(`${breaking()}/v1`).chat.completions.create({ model, messages, stream: true })) {
                        chunks.push(chunk);
                    }
                }, OpenAI.APIError);
                assert.ok(chunks.length > 0);
                assert.deepEqual(finishOf(chunks), []);
            });
        }

        check(provider, 'keep-alives', `${provider}: a stream that falls silent`, async () => {
            const body = { model, messages: [user(SILENT_PROMPT)], stream: true };
            const [without, kept, chunks] = await Promise.all([
                rawStream(`${gateway()}/v1/chat/completions`, body),
                rawStream(`${silent()}/v1/chat/completions`, body),
                clientOf(`${silent()}/v1`).chat.completions.create(body).then(chunksOf),
            ]);
            const comments = [without, kept].map((raw) => raw.split('\n: keep-alive\n').length);
            assert.ok(comments[0] < comments[1]); // Anthropic sends a ping of its own
            assert.ok(textOf(chunks).endsWith(PROMPT));
        });
    }
});

describe('retries', () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        const ask = () => clientOf(`${mocked.url()}/v1`, { maxRetries: 2 }).chat.completions.create({ model, messages: [user(PROMPT)] });

        check(provider, 'retries', `${provider}: the SDK tries again`, async () => {
            mocked.refuse(503);
            assert.equal((await ask()).choices[0].message.content, 'Noted.');
            assert.deepEqual(mocked.statuses(), [503, 200]);
        });

        check(provider, 'retries', `${provider}: and not in vain`, async () => {
            mocked.refuse(400);
            await assert.rejects(ask(), (error) => error instanceof OpenAI.BadRequestError && /told to refuse/.test(error.message));
            assert.deepEqual(mocked.statuses(), [400]);
        });
    }
});
