// The gateway in front of aimock, a mock server of the four providers by others: https://www.npmjs.com/package/@copilotkit/aimock. It answers and
// streams in its own words, refuses conversations with thinking whose signatures got lost, breaks its streams on demand, and keeps what it was sent.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe } from 'node:test';
import * as shared from './gateway.mjs';
import { EMBEDDING, MODELS, PROMPT, THINKING, WEATHER_SCHEMA, installed, register, running } from './gateway.mjs';
import { FORMATS } from './formats.mjs';
import { ROOTS } from './refusing.mjs';

const { LLMock } = installed('@copilotkit/aimock');
const OpenAI = installed('openai');

const check = (...rest) => shared.check('aimock', ...rest);
const WEATHER = { name: 'get_weather', description: 'The weather in a city', parameters: WEATHER_SCHEMA };
const ASKED = 'The weather in Oslo and Rome?';
const ANSWER = 'The sea is wide, deep and blue; it covers more than two thirds of the world.';
const THOUGHTS = 'They ask about two cities, so the tool is needed twice.';
const CALLS = [
    { id: 'call_of_oslo', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { id: 'call_of_rome', name: 'get_weather', arguments: '{"city":"Rome"}' },
];
const CITIES = ['Oslo', 'Rome'];
const RESULTS = CITIES.map((city) => `18 degrees in ${city}`);

const gateway = running('--enable-igw', '--disable-circuit-breaker', '--retry-initial-backoff-ms', '10');
const mock = new LLMock({ port: 0, host: '127.0.0.1', strict: true, chunkSize: 8 });

before(async () => {
    await Promise.all([mock.start(), gateway.started]);
    for (const [provider, root] of Object.entries(ROOTS)) {
        const models = [MODELS[provider], THINKING[provider], EMBEDDING[provider]].filter(Boolean);
        await register(gateway(), provider, mock.url + root, { models: [...new Set(models)] });
    }
});
after(() => mock.stop());

beforeEach(() => {
    mock.reset();
    mock.on({ userMessage: ASKED, hasToolResult: false }, { toolCalls: CALLS, reasoning: THOUGHTS });
    mock.on({ userMessage: ASKED, hasToolResult: true }, { content: `I see: ${RESULTS.join(', ')}.` });
    mock.onMessage(PROMPT, { content: ANSWER });
});

const asked = () => mock.getRequests().filter((request) => request.method === 'POST');

for (const [provider, model] of Object.entries(MODELS)) {
    describe(provider, () => {
        for (const [name, format] of Object.entries(FORMATS)) {
            for (const stream of [false, true]) {
                const way = `${name}, ${stream ? 'streamed' : 'whole'}`;

                check(provider, 'stream', `an answer: ${way}`, async () => {
                    const { text, calls } = await format.ask(gateway(), model, format.begin(PROMPT), { stream });
                    assert.deepEqual([text, calls], [ANSWER, []]);
                    assert.deepEqual(asked().map((request) => request.response.status), [200]);
                });

                check(provider, 'tools', `a tool round trip: ${way}`, async () => {
                    const conversation = format.begin(ASKED);
                    const { calls } = await format.ask(gateway(), model, conversation, { tool: WEATHER, stream });
                    assert.deepEqual(calls.map(({ name: of, args }) => [of, args]), CITIES.map((city) => ['get_weather', { city }]));
                    format.tell(conversation, calls, RESULTS);
                    const { text } = await format.ask(gateway(), model, conversation, { tool: WEATHER, stream });
                    assert.equal(text, `I see: ${RESULTS.join(', ')}.`);
                    const told = asked().at(-1).body.messages.filter((message) => message.role === 'tool').map((message) => message.content);
                    for (const [i, result] of RESULTS.entries()) assert.ok(told[i].includes(result), told[i]);
                });

                check(provider, 'thinking', `thoughts go back with the results: ${way}`, async () => {
                    const conversation = format.begin(ASKED);
                    const options = { tool: WEATHER, stream, think: true };
                    const { calls, thoughts } = await format.ask(gateway(), THINKING[provider], conversation, options);
                    if (provider === 'anthropic') assert.equal(thoughts, THOUGHTS);
                    format.tell(conversation, calls, RESULTS);
                    const { text } = await format.ask(gateway(), THINKING[provider], conversation, options); // refused without its signature
                    assert.equal(text, `I see: ${RESULTS.join(', ')}.`);
                });
            }

            check(provider, 'broken streams', `a stream that breaks off: ${name}`, async () => {
                mock.reset();
                mock.onMessage(PROMPT, { content: ANSWER }, { truncateAfterChunks: 8, latency: 5 });
                let answer;
                await assert.rejects(async () => (answer = await format.ask(gateway(), model, format.begin(PROMPT), { stream: true })));
                assert.equal(answer, undefined);
                assert.equal(asked().length, 1); // it had begun, so it was not asked for again
            });

            check(provider, 'errors', `a refusal is not repeated: ${name}`, async () => {
                mock.nextRequestError(400, { message: 'The mock refuses.', type: 'invalid_request_error' });
                await assert.rejects(format.ask(gateway(), model, format.begin(PROMPT), {}), /The mock refuses/);
                assert.deepEqual(asked().map((request) => request.response.status), [400]);
            });

            // Two formats are enough: more would spend what the gateway allows itself of second attempts in ten seconds.
            if (!['Chat Completions', 'Messages'].includes(name)) continue;
            check(provider, 'errors', `a failure is: ${name}`, async () => {
                mock.nextRequestError(503, { message: 'Not now.' });
                assert.equal((await format.ask(gateway(), model, format.begin(PROMPT), {})).text, ANSWER);
                assert.deepEqual(asked().map((request) => request.response.status), [503, 200]);
            });
        }

        if (provider !== 'openai') return; // of Gemini's it knows but `embedContent`
        check(provider, 'embeddings', 'embeddings', async () => {
            const vector = [0.25, -0.5, 0.125];
            mock.onEmbedding('One', { embedding: vector });
            const client = new OpenAI({ baseURL: `${gateway()}/v1`, apiKey: 'unused', maxRetries: 0 });
            const { data } = await client.embeddings.create({ model: EMBEDDING[provider], input: 'One', encoding_format: 'float' });
            assert.deepEqual(data[0].embedding, vector);
        });
    });
}
