// Anthropic's SDK for Node, unchanged but for its base URL: every test for each of the four providers and both base URLs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as shared from './gateway.mjs';
import {
    MEETING_SCHEMA, MODELS, NAMES, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRUCTURED, THINKING, WEATHER_SCHEMA, all, gateway, png,
} from './gateway.mjs';

const Anthropic = shared.installed('@anthropic-ai/sdk').default;
const WEATHER = { name: 'get_weather', description: 'The weather in a city', input_schema: WEATHER_SCHEMA };
const THINK = { max_tokens: 30_000, thinking: { type: 'enabled', budget_tokens: 20_000 } };

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

for (const base of ['', '/v1']) {
    const client = (more = { apiKey: 'unused' }) => new Anthropic({ baseURL: gateway() + base, maxRetries: 0, timeout: 30_000, ...more });

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

            check(provider, 'image', 'an image, and one in a tool result', async () => {
                const seen = await create({ messages: [user([{ type: 'text', text: 'What is this?' }, picture()])] });
                assert.ok(textOf(seen).includes(`an image (image/png, ${png().length} bytes)`));
                const messages = [user(PARALLEL_PROMPT)];
                const first = await create({ tools: [WEATHER], messages });
                const turns = [...messages, { role: 'assistant', content: first.content }, results(first, [picture()])];
                assert.equal((await create({ tools: [WEATHER], messages: turns })).stop_reason, 'end_turn');
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
