// The Responses API of OpenAI's SDK for Node: every test for each of the four providers and both base URLs.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as shared from './gateway.mjs';
import {
    KEEP_ALIVE, MEETING_SCHEMA, MODELS, NAMES, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, SILENT_PROMPT, STRICT, STRUCTURED, THINKING, WEATHER_SCHEMA,
    adjusted, all, gateway, lacks, png, rawStream, running,
} from './gateway.mjs';

const OpenAI = shared.installed('openai');
const WEATHER = { type: 'function', strict: false, name: 'get_weather', description: 'The weather in a city', parameters: WEATHER_SCHEMA };
const OPENAI_ITSELF = ['openai', 'xai']; // who keep answers, and whose own API this is

const breaking = running('demo'); // what is learnt about a worker that fails stays with its gateway
const silent = running('demo', ...KEEP_ALIVE);
const check = (...rest) => shared.check('OpenAI Node', ...rest);
const user = (content) => ({ role: 'user', content });
const callsOf = (response) => response.output.filter((item) => item.type === 'function_call');
const cityOf = (call) => JSON.parse(call.arguments).city;
const asSent = (response) => response.output.map(({ parsed_arguments, ...item }) => item);
const resultsOf = (calls) => calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: `18 degrees in ${cityOf(call)}` }));
const picture = () => ({ type: 'input_image', image_url: `data:image/png;base64,${png().toString('base64')}`, detail: 'auto' });
const seen = () => `an image (image/png, ${png().length} bytes)`;
const clientOf = (url) => new OpenAI({ baseURL: url, apiKey: 'unused', maxRetries: 0, timeout: 30_000 });

for (const base of ['/v1', '']) {
    const client = () => clientOf(gateway() + base);

    for (const [provider, model] of Object.entries(MODELS)) {
        describe(`${provider} at base URL ending in '${base}'`, () => {
            const ask = (asked, options) => client().responses.create({ model, store: false, ...asked }, options);
            const final = (asked) => client().responses.stream({ model, store: false, ...asked }).finalResponse();

            check(provider, 'Responses: chat', 'a response', async () => {
                const { data, response } = await client().responses.create({ model, input: PROMPT, store: false }).withResponse();
                assert.equal(response.headers.get('x-smg-provider'), provider);
                assert.deepEqual([data.object, data.status, data.error], ['response', 'completed', null]);
                assert.equal(data.output_text, `This is ${NAMES[provider]} (simulated). You said: ${PROMPT}`);
                assert.ok(data.usage.input_tokens > 0 && data.usage.output_tokens > 0);
            });

            check(provider, 'Responses: conversation', 'a conversation with instructions', async () => {
                const turns = [
                    { role: 'developer', content: 'Answer briefly.' }, user('Hello'),
                    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello!', annotations: [] }] },
                    user([{ type: 'input_text', text: 'How are ' }, { type: 'input_text', text: 'you?' }]),
                ];
                const first = await ask({ input: turns, instructions: 'Be polite.', max_output_tokens: 500 });
                assert.match(first.output_text, /you\?/);
                assert.ok((await ask({ input: [...turns, ...first.output, user(PROMPT)] })).output_text.endsWith(PROMPT));
            });

            check(provider, 'Responses: limits', 'a limit of tokens', async () => {
                const { status, incomplete_details } = await ask({ input: 'simulate:tokens=400', max_output_tokens: 20 });
                assert.deepEqual([status, incomplete_details.reason], ['incomplete', 'max_output_tokens']);
            });

            check(provider, 'Responses: stream', 'a streamed response says what the whole one says', async () => {
                const whole = await ask({ input: PROMPT });
                const events = await all(ask({ input: PROMPT, stream: true }));
                assert.deepEqual(events.map((e) => e.sequence_number), events.map((_, i) => i));
                assert.equal(events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join(''), whole.output_text);
                assert.equal(events.at(-1).type, 'response.completed');
                assert.equal((await final({ input: PROMPT })).output_text, whole.output_text);
            });

            for (const [way, answer] of [['whole', ask], ['streamed', final]]) {
                check(provider, 'Responses: tools', `a tool round trip with parallel calls, ${way}`, async () => {
                    const first = await answer({ input: PARALLEL_PROMPT, tools: [WEATHER] });
                    assert.deepEqual(callsOf(first).map(cityOf), ['Oslo', 'Rome']);
                    const input = [user(PARALLEL_PROMPT), ...asSent(first), ...resultsOf(callsOf(first))];
                    assert.match((await answer({ input, tools: [WEATHER] })).output_text, /18 degrees in Oslo.*18 degrees in Rome/);
                });
            }

            check(provider, 'Responses: tool choice', 'none, required and a named tool', async () => {
                for (const tool_choice of ['none', 'required', { type: 'function', name: 'get_weather' }]) {
                    const response = await ask({ input: tool_choice === 'none' ? PARALLEL_PROMPT : PROMPT, tools: [WEATHER], tool_choice });
                    assert.deepEqual(callsOf(response).map((call) => call.name), tool_choice === 'none' ? [] : ['get_weather']);
                }
            });

            check(provider, 'Responses: image', 'an image', async () => {
                const response = await ask({ input: [user([{ type: 'input_text', text: 'What is this?' }, picture()])] });
                assert.ok(response.output_text.includes(seen()));
            });

            check(provider, 'Responses: tool result image', 'images in the results of tools', async () => {
                const first = await ask({ input: PARALLEL_PROMPT, tools: [WEATHER] });
                const shown = ({ output, ...rest }) => ({ ...rest, output: [{ type: 'input_text', text: output }, picture()] });
                const results = resultsOf(callsOf(first)).map(shown);
                const answer = await ask({ input: [user(PARALLEL_PROMPT), ...asSent(first), ...results], tools: [WEATHER] });
                assert.equal(answer.output_text.split(seen()).length, 3);
            });

            check(provider, 'Responses: structured output', 'a structured response', async () => {
                const text = { format: { type: 'json_schema', name: 'meeting', strict: true, schema: MEETING_SCHEMA } };
                const asked = { model: STRUCTURED[provider], input: SCHEMA_PROMPT, text, store: false };
                const answer = await client().responses.parse(asked);
                assert.ok(Number.isInteger(answer.output_parsed.minutes));
                assert.deepEqual(JSON.parse((await final(asked)).output_text), answer.output_parsed);
            });

            check(provider, 'Responses: reasoning', 'reasoning goes back with the results', async () => {
                const reasoning = { effort: 'high', summary: 'auto' };
                const asked = { model: THINKING[provider], reasoning, include: ['reasoning.encrypted_content'], tools: [WEATHER] };
                const first = await final({ ...asked, input: PARALLEL_PROMPT, max_output_tokens: 30_000 });
                assert.equal(first.output[0].type, 'reasoning');
                assert.ok(first.output.some((item) => item.type === 'reasoning' && item.encrypted_content));
                const input = [user(PARALLEL_PROMPT), ...asSent(first), ...resultsOf(callsOf(first))];
                assert.match((await ask({ ...asked, input, max_output_tokens: 30_000 })).output_text, /18 degrees in Oslo.*18 degrees in Rome/);
            });

            check(provider, 'Responses: prompt cache', 'tokens from the prompt cache', async () => {
                const asked = { input: `simulate:cached=3 ${PROMPT}` };
                for (const { usage } of [await ask(asked), await final(asked)]) {
                    assert.equal(usage.input_tokens_details.cached_tokens, 3);
                    assert.ok(usage.input_tokens > 3 && usage.total_tokens === usage.input_tokens + usage.output_tokens);
                }
            });

            check(provider, 'Responses: adjusted parameters', 'parameters that another API does not have', async () => {
                const asked = { model, input: PROMPT, store: false, truncation: 'auto', prompt_cache_key: 'a-key' };
                const leftOut = OPENAI_ITSELF.includes(provider) ? [] : ['prompt_cache_key', 'truncation'];
                const { response } = await client().responses.create(asked).withResponse();
                assert.deepEqual(adjusted(response.headers), leftOut);
                const strictly = client().responses.create(asked, { headers: STRICT });
                if (leftOut.length === 0) assert.equal((await strictly).status, 'completed');
                else await assert.rejects(strictly, (error) => error instanceof OpenAI.BadRequestError && leftOut.includes(error.param));
            });

            check(provider, 'Responses: store', 'what needs a store', async () => {
                if (OPENAI_ITSELF.includes(provider)) {
                    const first = await ask({ input: 'Hello', store: true });
                    const second = await ask({ input: PROMPT, previous_response_id: first.id, store: true });
                    assert.ok(second.output_text.endsWith(PROMPT) && second.previous_response_id === first.id);
                    assert.equal((await client().responses.retrieve(second.id)).id, second.id);
                    return client().responses.delete(first.id);
                }
                assert.ok(lacks(provider, 'Responses: store'));
                for (const asked of [{ previous_response_id: 'resp_1' }, { background: true }, { conversation: 'conv_1' }]) {
                    const [name] = Object.keys(asked);
                    const refused = client().responses.create({ model, input: PROMPT, ...asked });
                    await assert.rejects(refused, (error) => error instanceof OpenAI.BadRequestError && (error.param + error.message).includes(name));
                }
            });

            check(provider, 'Responses: tokens', 'the count of tokens', async () => {
                const count = (input) => client().responses.inputTokens.count({ model, input });
                const [short, long] = [await count('Hi'), await count(PROMPT.repeat(20))];
                assert.equal(short.object, 'response.input_tokens');
                assert.ok(0 < short.input_tokens && short.input_tokens < long.input_tokens);
            });

            check(provider, 'Responses: cancel', 'a client that leaves does no harm', async () => {
                const stream = await ask({ input: 'simulate:slow simulate:tokens=500', stream: true });
                for await (const event of stream) if (event.type === 'response.output_text.delta') break;
                assert.equal((await ask({ input: PROMPT })).status, 'completed');
            });

            check(provider, 'Responses: errors', 'errors are the classes that the SDK names', async () => {
                for (const stream of [false, true]) {
                    await assert.rejects(ask({ input: PROMPT, temperature: 'hot', stream }), OpenAI.BadRequestError);
                    await assert.rejects(ask({ model: `no-such-${model}`, input: PROMPT, stream }), OpenAI.NotFoundError);
                }
            });
        });
    }
}

describe('when something goes wrong or takes long', { concurrency: true }, () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        for (const fault of ['cut', 'error-event']) {
            // As the SDK has it: the error is an event, or the failed response is, or it is raised; and no stream completes.
            check(provider, 'Responses: stream errors', `${provider}: a stream that breaks off (${fault}) is an error`, async () => {
                const types = [];
                const input = `simulate:${fault} ${PROMPT}`;
                try {
                    const stream = await clientOf(`${breaking()}/v1`).responses.create({ model, input, stream: true, store: false });
                    for await (const event of stream) types.push(event.type);
                } catch (error) {
                    assert.ok(error instanceof OpenAI.APIError);
                    types.push('error');
                }
                assert.ok(types.length > 1 && (types.includes('error') || types.includes('response.failed')));
                assert.ok(!types.includes('response.completed'));
            });
        }

        check(provider, 'Responses: keep-alives', `${provider}: a stream that falls silent`, async () => {
            const body = { model, input: SILENT_PROMPT, store: false };
            const [without, kept, response] = await Promise.all([
                rawStream(`${gateway()}/v1/responses`, { ...body, stream: true }),
                rawStream(`${silent()}/v1/responses`, { ...body, stream: true }),
                clientOf(`${silent()}/v1`).responses.stream(body).finalResponse(),
            ]);
            const comments = [without, kept].map((raw) => raw.split('\n: keep-alive\n').length);
            assert.ok(comments[0] < comments[1]); // Anthropic sends a ping of its own
            assert.ok(response.output_text.endsWith(PROMPT));
        });
    }
});
