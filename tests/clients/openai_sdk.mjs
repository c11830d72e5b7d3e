// OpenAI's SDK for Node, unchanged but for its base URL: every test for each of the four providers and both base URLs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as shared from './gateway.mjs';
import {
    EMBEDDING, MEETING_SCHEMA, MODELS, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRUCTURED, THINKING, WEATHER_SCHEMA, gateway, lacks, png,
} from './gateway.mjs';

const OpenAI = shared.installed('openai');
const FUNCTION = { name: 'get_weather', description: 'The weather in a city', parameters: WEATHER_SCHEMA };
const WEATHER_TOOL = { type: 'function', function: FUNCTION };
const MEETING = { type: 'json_schema', json_schema: { name: 'meeting', strict: true, schema: MEETING_SCHEMA } };

const check = (...rest) => shared.check('OpenAI Node', ...rest);
const chunksOf = shared.all;

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

for (const base of ['/v1', '']) {
    const client = () => new OpenAI({ baseURL: gateway() + base, apiKey: 'unused', maxRetries: 0, timeout: 30_000 });

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
                const asked = { model, messages: [user(SCHEMA_PROMPT)], response_format: MEETING };
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

            // The Responses API.
            const ask = (sdk, asked) => sdk.responses.create({ store: false, ...asked });
            const WEATHER = { type: 'function', strict: false, ...FUNCTION };

            check(provider, 'Responses: chat', 'a response', async () => {
                const { data, response } = await client().responses.create({ model, input: PROMPT, store: false }).withResponse();
                assert.equal(response.headers.get('x-smg-provider'), provider);
                assert.deepEqual([data.object, data.status, data.error], ['response', 'completed', null]);
                assert.ok(data.output_text.endsWith(`(simulated). You said: ${PROMPT}`));
                assert.ok(data.usage.input_tokens > 0 && data.usage.output_tokens > 0);
            });

            check(provider, 'Responses: stream', 'a streamed response says what the whole one says', async () => {
                const sdk = client();
                const whole = await ask(sdk, { model, input: PROMPT });
                const events = await chunksOf(await ask(sdk, { model, input: PROMPT, stream: true }));
                assert.deepEqual(events.map((e) => e.sequence_number), events.map((_, i) => i));
                assert.equal(events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join(''), whole.output_text);
                assert.equal(events.at(-1).type, 'response.completed');
                const final = await sdk.responses.stream({ model, input: PROMPT, store: false }).finalResponse();
                assert.equal(final.output_text, whole.output_text);
            });

            check(provider, 'Responses: tools', 'a tool round trip with parallel calls and reasoning', async () => {
                const sdk = client();
                const asked = { model: THINKING[provider], tools: [WEATHER], include: ['reasoning.encrypted_content'], store: false };
                const input = [user(PARALLEL_PROMPT)];
                const first = await sdk.responses.stream({ ...asked, input }).finalResponse();
                const calls = first.output.filter((item) => item.type === 'function_call');
                assert.deepEqual(calls.map((c) => JSON.parse(c.arguments).city), ['Oslo', 'Rome']);
                const told = (call) => `18 degrees in ${JSON.parse(call.arguments).city}`;
                const results = calls.map((c) => ({ type: 'function_call_output', call_id: c.call_id, output: told(c) }));
                const output = first.output.map(({ parsed_arguments, ...item }) => item);
                const answer = await sdk.responses.create({ ...asked, input: [...input, ...output, ...results] });
                assert.match(answer.output_text, /18 degrees in Oslo.*18 degrees in Rome/);
            });

            check(provider, 'Responses: structured output', 'a structured response', async () => {
                const text = { format: { type: 'json_schema', name: 'meeting', strict: true, schema: MEETING_SCHEMA } };
                const answer = await client().responses.parse({ model: STRUCTURED[provider], input: SCHEMA_PROMPT, text, store: false });
                assert.ok(Number.isInteger(answer.output_parsed.minutes));
            });

            check(provider, 'Responses: errors', 'errors of the Responses API', async () => {
                const sdk = client();
                await assert.rejects(ask(sdk, { model, input: PROMPT, temperature: 'hot' }), OpenAI.BadRequestError);
                await assert.rejects(ask(sdk, { model, input: PROMPT, temperature: 'hot', stream: true }), OpenAI.BadRequestError);
                await assert.rejects(ask(sdk, { model: `no-such-${model}`, input: PROMPT }), OpenAI.NotFoundError);
            });

            check(provider, 'embeddings', 'embeddings', async () => {
                const sdk = client();
                const asked = { model: EMBEDDING[provider] ?? model, input: ['One', 'Two'], dimensions: 8 };
                if (lacks(provider, 'embeddings')) return assert.rejects(sdk.embeddings.create(asked), OpenAI.APIError);
                const { data } = await sdk.embeddings.create(asked);  // which asks for base64, and unpacks it
                assert.deepEqual(data.map((each) => each.embedding.length), [8, 8]);
                assert.ok(data.every((each) => each.embedding.every(Number.isFinite)));
            });
        });
    }

    test(`the list of models at base URL ending in '${base}'`, { timeout: 60_000 }, async () => {
        const ids = [];
        for await (const model of client().models.list()) ids.push(model.id);
        for (const model of Object.values(MODELS)) assert.ok(ids.includes(model), `${model} is listed`);
    });
}
