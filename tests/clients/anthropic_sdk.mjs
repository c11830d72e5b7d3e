// Anthropic's SDK for Node, unchanged but for its base URL: every test for each of the four providers and both base URLs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as shared from './gateway.mjs';
import {
    KEEP_ALIVE, LONG_TEXT, MEETING_SCHEMA, MODELS, NAMES, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, SILENT_PROMPT, STRICT, STRUCTURED, THINKING,
    WEATHER_SCHEMA, adjusted, all, gateway, png, rawStream, running,
} from './gateway.mjs';
import { refusing } from './refusing.mjs';

const Anthropic = shared.installed('@anthropic-ai/sdk').default;
const WEATHER = { name: 'get_weather', description: 'The weather in a city', input_schema: WEATHER_SCHEMA };
const THINK = { max_tokens: 30_000, thinking: { type: 'enabled', budget_tokens: 20_000 } };

const breaking = running('demo'); // what is learnt about a worker that fails stays with its gateway
const silent = running('demo', ...KEEP_ALIVE);
const mocked = refusing();

const check = (...rest) => shared.check('Anthropic Node', ...rest);
const user = (content) => ({ role: 'user', content });
const textOf = (message) => message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
const callsOf = (message) => message.content.filter((block) => block.type === 'tool_use');

function checkCalls(message) {
    assert.equal(message.stop_reason, 'tool_use');
    assert.deepEqual(callsOf(message).map((call) => [call.name, call.input.city]), [['get_weather', 'Oslo'], ['get_weather', 'Rome']]);
    assert.notEqual(callsOf(message)[0].id, callsOf(message)[1].id);
}

const results = (message, more = []) =>
    user(callsOf(message).map((call) => ({
        type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: `18 degrees in ${call.input.city}` }, ...more],
    })));

const picture = () => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png().toString('base64') } });

const seen = () => `an image (image/png, ${png().length} bytes)`;
const clientOf = (url, more) => new Anthropic({ baseURL: url, apiKey: 'unused', maxRetries: 0, timeout: 30_000, ...more });

for (const base of ['', '/v1']) {
    const client = (more) => clientOf(gateway() + base, more);

    for (const [provider, model] of Object.entries(MODELS)) {
        describe(`${provider} at base URL ending in '${base}'`, () => {
            const create = (asked, more) => client(more).messages.create({ model, max_tokens: 1000, messages: [user(PROMPT)], ...asked });
            const final = (asked) => client().messages.stream({ model, max_tokens: 1000, messages: [user(PROMPT)], ...asked }).finalMessage();

            check(provider, 'chat', 'a message', async () => {
                const asked = { model, max_tokens: 1000, messages: [user(PROMPT)], system: 'Answer briefly.' };
                const { data, response, request_id } = await client().messages.create(asked).withResponse();
                assert.equal(response.headers.get('x-smg-provider'), provider);
                assert.ok(request_id);
                assert.deepEqual([data.type, data.role, data.stop_reason], ['message', 'assistant', 'end_turn']);
                assert.equal(textOf(data), `This is ${NAMES[provider]} (simulated). You said: ${PROMPT}`);
                assert.ok(data.usage.input_tokens > 0 && data.usage.output_tokens > 0);
            });

            check(provider, 'chat', 'with a token in place of a key', async () => {
                assert.equal((await create({}, { apiKey: null, authToken: 'unused' })).stop_reason, 'end_turn');
            });

            check(provider, 'conversation', 'a conversation with a system prompt in blocks', async () => {
                const system = [{ type: 'text', text: 'Answer' }, { type: 'text', text: 'briefly.', cache_control: { type: 'ephemeral' } }];
                const asked = user([{ type: 'text', text: 'How are ' }, { type: 'text', text: 'you?' }]);
                const messages = [user('Hello'), { role: 'assistant', content: 'Hello!' }, asked];
                const answer = await create({ messages, system, metadata: { user_id: 'user-1' } });
                assert.match(textOf(answer), /you\?/);
                assert.equal(answer.stop_reason, 'end_turn');
            });

            check(provider, 'limits', 'a limit of tokens', async () => {
                const answer = await create({ messages: [user('simulate:tokens=400')], max_tokens: 20 });
                assert.equal(answer.stop_reason, 'max_tokens');
                assert.ok(answer.usage.output_tokens >= 1);
            });

            check(provider, 'stream', 'a stream says what the whole answer says', async () => {
                const whole = await create({});
                const events = await all(create({ stream: true }));
                assert.deepEqual([events[0].type, events.at(-1).type], ['message_start', 'message_stop']);
                const said = events.filter((e) => e.type === 'content_block_delta' && e.delta.type === 'text_delta').map((e) => e.delta.text);
                assert.ok(said.length > 2);
                assert.equal(said.join(''), textOf(whole));
                const streamed = await final({});
                assert.equal(textOf(streamed), textOf(whole));
                assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens);
            });

            for (const [feature, ask] of [['tools', create], ['stream tools', final]]) {
                check(provider, feature, `a round trip with parallel calls (${feature})`, async () => {
                    const asked = { tools: [WEATHER] };
                    const messages = [user(PARALLEL_PROMPT)];
                    const first = await ask({ ...asked, messages });
                    checkCalls(first);
                    const answer = await ask({ ...asked, messages: [...messages, { role: 'assistant', content: first.content }, results(first)] });
                    assert.match(textOf(answer), /18 degrees in Oslo.*18 degrees in Rome/);
                });
            }

            check(provider, 'tool choice', 'none, any, a named tool, and one at a time', async () => {
                const oneAtATime = { type: 'auto', disable_parallel_tool_use: true };
                for (const tool_choice of [{ type: 'none' }, { type: 'any' }, { type: 'tool', name: 'get_weather' }, oneAtATime]) {
                    const messages = [user(['any', 'tool'].includes(tool_choice.type) ? PROMPT : PARALLEL_PROMPT)];
                    const asked = { model, max_tokens: 1000, messages, tools: [WEATHER], tool_choice };
                    const { data, response } = await client().messages.create(asked).withResponse();
                    const names = callsOf(data).map((call) => call.name);
                    if (provider === 'gemini' && tool_choice === oneAtATime) { // it has no such switch, and the client is told
                        assert.match(adjusted(response.headers).join(), /disable_parallel_tool_use/);
                    } else {
                        assert.deepEqual(names, tool_choice.type === 'none' ? [] : ['get_weather']);
                    }
                }
            });

            check(provider, 'image', 'an image', async () => {
                const answer = await create({ messages: [user([{ type: 'text', text: 'What is this?' }, picture()])] });
                assert.ok(textOf(answer).includes(seen()));
            });

            check(provider, 'document', 'a document', async () => {
                const source = { type: 'base64', media_type: 'application/pdf', data: Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64') };
                const answer = await create({ messages: [user([{ type: 'document', source }, { type: 'text', text: 'Sum up.' }])] });
                assert.match(textOf(answer), /I see a file/);
            });

            check(provider, 'tool result image', 'images in the results of tools', async () => {
                const messages = [user(PARALLEL_PROMPT)];
                const first = await create({ tools: [WEATHER], messages });
                const turns = [...messages, { role: 'assistant', content: first.content }, results(first, [picture()])];
                const answer = await create({ tools: [WEATHER], messages: turns });
                assert.equal(textOf(answer).split(seen()).length, 3);
            });

            check(provider, 'prompt cache', 'tokens from the prompt cache', async () => {
                const cache_control = { type: 'ephemeral' };
                const asked = { system: [{ type: 'text', text: LONG_TEXT, cache_control }], tools: [{ ...WEATHER, cache_control }] };
                const first = await create({ ...asked, messages: [user('Hello')] });
                assert.equal(first.usage.cache_read_input_tokens ?? 0, 0);
                if (provider === 'anthropic') assert.ok(first.usage.cache_creation_input_tokens > 0);
                const more = user([{ type: 'text', text: PROMPT, cache_control }]);
                const messages = [user('Hello'), { role: 'assistant', content: first.content }, more];
                const second = await create({ ...asked, messages });
                assert.ok(second.usage.cache_read_input_tokens > 0 && second.usage.input_tokens > 0);
                assert.equal((await final({ ...asked, messages })).usage.cache_read_input_tokens, second.usage.cache_read_input_tokens);
            });

            check(provider, 'adjusted parameters', 'parameters that another API does not have', async () => {
                const asked = { model, max_tokens: 1000, messages: [user(PROMPT)], top_k: 5, metadata: { user_id: 'user-1' } };
                const leftOut = { anthropic: [], gemini: ['metadata.user_id'] }[provider] ?? ['top_k'];
                const { response } = await client().messages.create(asked).withResponse();
                assert.deepEqual(adjusted(response.headers), leftOut);
                const strictly = client().messages.create(asked, { headers: STRICT });
                if (leftOut.length === 0) assert.equal((await strictly).stop_reason, 'end_turn');
                else await assert.rejects(strictly, (error) => error instanceof Anthropic.BadRequestError && error.message.includes(leftOut[0]));
            });

            check(provider, 'thinking', 'thinking, with tools', async () => {
                const asked = { ...THINK, model: THINKING[provider], tools: [WEATHER] };
                const messages = [user(PARALLEL_PROMPT)];
                const first = await final({ ...asked, messages });
                checkCalls(first);
                if (provider !== 'openai') assert.ok(first.content.some((block) => block.type === 'thinking' && block.thinking && block.signature));
                const answer = await final({ ...asked, messages: [...messages, { role: 'assistant', content: first.content }, results(first)] });
                assert.match(textOf(answer), /18 degrees in Oslo.*18 degrees in Rome/);
            });

            check(provider, 'structured output', 'structured output', async () => {
                const output_config = { format: { type: 'json_schema', schema: MEETING_SCHEMA } };
                const asked = { model: STRUCTURED[provider], messages: [user(SCHEMA_PROMPT)], output_config };
                const meeting = JSON.parse(textOf(await create(asked)));
                assert.ok(typeof meeting.title === 'string' && Number.isInteger(meeting.minutes));
                assert.deepEqual(JSON.parse(textOf(await final(asked))), meeting);
            });

            check(provider, 'tokens', 'the count of tokens', async () => {
                const count = (text) => client().messages.countTokens({ model, messages: [user(text)] });
                const [short, long] = [await count('Hi'), await count(PROMPT.repeat(20))];
                assert.ok(0 < short.input_tokens && short.input_tokens < long.input_tokens);
            });

            check(provider, 'cancel', 'a client that leaves does no harm', async () => {
                const stream = await create({ messages: [user('simulate:slow simulate:tokens=500')], stream: true });
                for await (const event of stream) if (event.type === 'content_block_delta') break;
                assert.equal((await create({})).stop_reason, 'end_turn');
            });

            check(provider, 'errors', 'errors are the classes that the SDK names', async () => {
                for (const stream of [false, true]) {
                    await assert.rejects(create({ messages: [], stream }), Anthropic.BadRequestError);
                    await assert.rejects(create({ model: `no-such-${model}`, stream }), (error) => {
                        assert.ok(error instanceof Anthropic.NotFoundError);
                        assert.equal(error.error.error.type, 'not_found_error');
                        return true;
                    });
                }
            });
        });
    }

    test(`the list of models at base URL ending in '${base}'`, { timeout: 60_000 }, async () => {
        const ids = (await all(client().models.list({ limit: 1000 }))).map((model) => model.id);
        for (const model of Object.values(MODELS)) assert.ok(ids.includes(model), `${model} is listed`);
    });
}

describe('when something goes wrong or takes long', { concurrency: true }, () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        for (const fault of ['cut', 'error-event']) {
            check(provider, 'stream errors', `${provider}: a stream that breaks off (${fault}) is an error`, async () => {
                const types = [];
                const asked = { model, max_tokens: 1000, messages: [user(`simulate:${fault} ${PROMPT}`)], stream: true };
                await assert.rejects(async () => {
                    for await (const event of await clientOf(breaking()).messages.create(asked)) types.push(event.type);
                }, Anthropic.APIError);
                assert.ok(types.length > 0 && !types.includes('message_stop'));
            });
        }

        check(provider, 'keep-alives', `${provider}: a stream that falls silent`, async () => {
            const asked = { model, max_tokens: 1000, messages: [user(SILENT_PROMPT)] };
            const [without, kept, answer] = await Promise.all([
                rawStream(`${gateway()}/v1/messages`, { ...asked, stream: true }),
                rawStream(`${silent()}/v1/messages`, { ...asked, stream: true }),
                clientOf(silent()).messages.stream(asked).finalMessage(),
            ]);
            const pings = [without, kept].map((raw) => raw.split('event: ping\n').length);
            assert.ok(pings[0] < pings[1]); // Anthropic sends one of its own
            assert.ok(textOf(answer).endsWith(PROMPT));
        });
    }
});

describe('retries', () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        const ask = () => clientOf(mocked.url(), { maxRetries: 2 }).messages.create({ model, max_tokens: 100, messages: [user(PROMPT)] });

        check(provider, 'retries', `${provider}: the SDK tries again`, async () => {
            mocked.refuse(503);
            assert.equal(textOf(await ask()), 'Noted.');
            assert.deepEqual(mocked.statuses(), [503, 200]);
        });

        check(provider, 'retries', `${provider}: and not in vain`, async () => {
            mocked.refuse(400);
            await assert.rejects(ask(), (error) => error instanceof Anthropic.BadRequestError && /told to refuse/.test(error.message));
            assert.deepEqual(mocked.statuses(), [400]);
        });
    }
});
